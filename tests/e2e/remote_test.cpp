// The commands that talk to a daemon, and what a daemon keeps of what it was told.
#include "tests/e2e/daemon_process.hpp"

#include <cstdio>
#include <fstream>

namespace trawl::e2e {
namespace {

using crawl::UrlState;
using testing::AllOf;
using testing::HasSubstr;

TEST(Remote, SubmitSteerAndReadAJob) {
  LoopbackServer site;
  serve_site(site, 40);
  DaemonProcess daemon;
  daemon.start();
  const auto file =
      daemon.dir.write("mine.toml", "[job]\nname = \"mine\"\n" +
                                        DaemonProcess::job(site.url(), "delay = \"100ms\"\n"));
  const auto submitted = daemon.ask({"submit", file.string()});
  EXPECT_EQ(submitted.exit_code, 0) << submitted.err;
  EXPECT_THAT(submitted.err, HasSubstr("submitted: mine ("));
  const auto twice = daemon.ask({"submit", file.string()});
  EXPECT_EQ(twice.exit_code, 2) << twice.err;
  EXPECT_THAT(twice.err, HasSubstr("a job named \"mine\" already"));

  ASSERT_TRUE(site.wait_for("/p1", 1));
  EXPECT_EQ(daemon.ask({"pause", "mine"}).exit_code, 0);
  const auto status = daemon.ask({"status"});
  EXPECT_EQ(status.exit_code, 0) << status.err;
  EXPECT_THAT(status.out, AllOf(HasSubstr("JOB   STATE"), HasSubstr("mine  paused")));
  const auto one = daemon.ask({"status", "mine"});
  EXPECT_THAT(one.out, HasSubstr("state      paused"));

  // Paused, killed, started: still paused, and nothing is asked for.
  daemon.kill();
  daemon.start();
  ASSERT_TRUE(daemon.says("mine: paused"));
  // What the killed one had fetched since it told of it counts.
  const auto fetched = count(read_records(daemon.output("mine")), UrlState::fetched);
  EXPECT_THAT(daemon.ask({"status", "mine"}).out, HasSubstr(fmt::format("{} fetched,", fetched)));
  const auto seen = site.count();
  EXPECT_EQ(daemon.ask({"run-now", "mine"}).exit_code, 2);
  EXPECT_EQ(daemon.ask({"resume", "mine"}).exit_code, 0);
  ASSERT_TRUE(daemon.says("mine: waiting → running"));
  EXPECT_EQ(daemon.ask({"cancel", "mine"}).exit_code, 0);
  ASSERT_TRUE(daemon.says("→ cancelled"));
  EXPECT_GE(site.count(), seen);
  EXPECT_EQ(daemon.ask({"resume", "mine"}).exit_code, 0);
  ASSERT_TRUE(daemon.says("mine: running → finished")) << daemon.process->err();

  const auto results = daemon.ask({"results", "mine", "--state", "fetched"});
  EXPECT_EQ(results.exit_code, 0) << results.err;
  EXPECT_EQ(std::ranges::count(results.out, '\n'), 41);
  EXPECT_EQ(daemon.ask({"remove", "mine"}).exit_code, 0);
  EXPECT_EQ(daemon.ask({"status", "mine"}).exit_code, 2);
  EXPECT_EQ(daemon.stop(), 0);
  expect_sound(daemon.output("mine"));
}

TEST(Remote, EveryErrorOfASubmittedJobIsShown) {
  DaemonProcess daemon;
  daemon.start();
  const auto file =
      daemon.dir.write("bad.toml",
                       "[job]\nname = \"bad\"\n[seeds]\nurls = [\"https://e.example/\"]\n[fetch]\n"
                       "attempts = \"x\"\nhtpp = 1\n");
  const auto bad = daemon.ask({"submit", file.string()});
  EXPECT_EQ(bad.exit_code, 3) << bad.err;
  EXPECT_THAT(bad.err, AllOf(HasSubstr(":6:12: key fetch.attempts: expected"),
                             HasSubstr(":7:1: key fetch.htpp: unknown key")));
  const auto outside =
      daemon.dir.write("out.toml",
                       "[job]\nname = \"out\"\n[seeds]\nurls = [\"https://e.example/\"]\n"
                       "[output]\ndir = \"/tmp/elsewhere\"\n");
  const auto refused = daemon.ask({"submit", outside.string()});
  EXPECT_EQ(refused.exit_code, 3) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("can't name a path outside of the daemon's data_dir"));
  const auto missing = daemon.ask({"pause", "nobody"});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_THAT(missing.err,
              HasSubstr("there is no job named \"nobody\"; `trawl status --server http"));
  const auto filter = daemon.ask({"results", "nobody", "--state", "done"});
  EXPECT_EQ(filter.exit_code, 2) << filter.err;
  EXPECT_THAT(filter.err, HasSubstr("\"done\" is no state; they are queued"));
  EXPECT_EQ(daemon.stop(), 0);
  const auto gone = daemon.ask({"status"});
  EXPECT_EQ(gone.exit_code, 4);
  EXPECT_THAT(gone.err, HasSubstr("is the daemon running there?"));
}

TEST(Remote, ANewcomerIsTold) {
  DaemonProcess daemon;
  daemon.start();
  EXPECT_THAT(daemon.ask({"status"}).err, HasSubstr("no jobs yet: `trawl submit JOB.toml`"));
  // The smallest job of the docs has no name: it is called as its file.
  const auto file = daemon.dir.write("small.toml", "[seeds]\nurls = [\"http://127.0.0.1:1/\"]\n");
  const auto submitted = daemon.ask({"submit", file.string()});
  EXPECT_EQ(submitted.exit_code, 0) << submitted.err;
  EXPECT_THAT(submitted.err, HasSubstr("submitted: small ("));
  EXPECT_EQ(daemon.ask({"submit", file.string()}).exit_code, 2);
  const auto odd = daemon.dir.write("a b.toml", "[seeds]\nurls = [\"http://127.0.0.1:1/\"]\n");
  EXPECT_THAT(daemon.ask({"submit", odd.string()}).err, HasSubstr("submitted: a-b ("));

  daemon.add("bad.toml", "[seeds]\nurls = [\"http://127.0.0.1:1/\"]\nfoo = 1\n");
  ASSERT_TRUE(daemon.says("bad: invalid"));
  EXPECT_THAT(daemon.ask({"status"}).out, HasSubstr("bad.toml:3:1: key seeds.foo: unknown key"));
  const auto resumed = daemon.ask({"resume", "bad"});
  EXPECT_EQ(resumed.exit_code, 2);
  EXPECT_THAT(resumed.err, HasSubstr("the job's file has errors"));
  const auto logs = daemon.ask({"logs", "nobody"});
  EXPECT_EQ(logs.exit_code, 2);
  EXPECT_THAT(logs.err, HasSubstr("there is no job named \"nobody\""));
  EXPECT_EQ(daemon.stop(), 0);
}

TEST(Remote, ATokenIsAskedFor) {
  DaemonProcess daemon;
  daemon.dir.write("token", "s3cret\n");
  daemon.configure(fmt::format("token_file = \"{}\"\n", (daemon.dir / "token").string()));
  daemon.start();
  const auto without = daemon.ask({"status"});
  EXPECT_EQ(without.exit_code, 4);
  EXPECT_THAT(without.err, HasSubstr("wants a token: put the one of the daemon's token_file into "
                                     "TRAWL_TOKEN"));
  auto wrong = trawl({"status", "--server", daemon.server()});
  wrong.env = {{"TRAWL_TOKEN", "other"}};
  EXPECT_THAT(support::run(std::move(wrong)).err,
              HasSubstr("wants another token than the one in TRAWL_TOKEN"));
  auto command = trawl({"status", "--server", daemon.server()});
  command.env = {{"TRAWL_TOKEN", "s3cret"}};
  EXPECT_EQ(support::run(std::move(command)).exit_code, 0);
  EXPECT_EQ(daemon.stop(), 0);
}

TEST(Remote, LogsFollowWhatHappens) {
  LoopbackServer site;
  serve_site(site, 3);
  DaemonProcess daemon;
  daemon.start();
  Subprocess logs{trawl({"logs", "-f", "--server", daemon.server()})};
  std::this_thread::sleep_for(Millis{500});
  daemon.add("a.toml", DaemonProcess::job(site.url()));
  EXPECT_TRUE(logs.wait_for_output("a: running")) << logs.out() << logs.err();
  EXPECT_TRUE(logs.wait_for_output("a: finished")) << logs.out() << logs.err();
  logs.send_signal(SIGINT);
  EXPECT_EQ(daemon.stop(), 0);
}

// A month of use in a minute: jobs come and go, are paused and changed; what the daemon holds
// stays.
TEST(Remote, ManyJobsLeaveNothingBehind) {
  LoopbackServer site;
  serve_site(site, 3);
  DaemonProcess daemon;
  daemon.start();
  const auto figure = [&](const char* name) {
    std::size_t value = 0;
    if (std::string_view{name} == "fd") {
      for ([[maybe_unused]] const auto& entry :
           std::filesystem::directory_iterator{fmt::format("/proc/{}/fd", daemon.process->pid())})
        ++value;
      return value;
    }
    std::ifstream status{fmt::format("/proc/{}/status", daemon.process->pid())};
    for (std::string line; std::getline(status, line);)
      if (line.starts_with(name)) value = std::stoul(line.substr(line.find(':') + 1));
    return value;
  };
  const int rounds = sanitized ? 8 : 40;
  std::size_t fds_before = 0, kib_before = 0;
  for (int i = 0; i < rounds; ++i) {
    if (i == rounds / 2) {
      fds_before = figure("fd");
      kib_before = figure("VmRSS");
    }
    daemon.add("a.toml", DaemonProcess::job(site.url(fmt::format("/?{}", i))));
    ASSERT_TRUE(daemon.says_times("a: running → finished", static_cast<std::size_t>(i) + 1))
        << daemon.process->err();
  }
  std::printf("%d runs: %zu descriptors, %zu KiB; half way: %zu, %zu\n", rounds, figure("fd"),
              figure("VmRSS"), fds_before, kib_before);
  EXPECT_LE(figure("fd"), fds_before + 2);
  if (!sanitized) EXPECT_LE(figure("VmRSS"), kib_before + 4096);
  EXPECT_EQ(daemon.stop(), 0);
}

}  // namespace
}  // namespace trawl::e2e
