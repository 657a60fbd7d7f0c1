// The daemon from outside: what its folder of jobs, its signals and its end do.
#include "tests/e2e/daemon_process.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace trawl::e2e {
namespace {

using crawl::UrlState;
using testing::HasSubstr;

TEST(Daemon, PicksUpJobsThatAreAddedChangedAndRemoved) {
  LoopbackServer site;
  serve_site(site, 5);
  DaemonProcess daemon;
  daemon.add("first.toml", DaemonProcess::job(site.url()));
  daemon.start();
  ASSERT_TRUE(daemon.says("first: running → finished")) << daemon.process->err();
  EXPECT_EQ(count(read_records(daemon.output("first")), UrlState::fetched), 6U);

  daemon.add("second.toml", DaemonProcess::job(site.url("/p1")));
  ASSERT_TRUE(daemon.says("second: running → finished")) << daemon.process->err();

  const auto before = site.count();
  daemon.add("second.toml", "# a remark\n" + DaemonProcess::job(site.url("/p1")));
  daemon.add("first.toml",
             DaemonProcess::job(fmt::format("{}\", \"{}", site.url(), site.url("/new"))));
  ASSERT_TRUE(daemon.says_times("first: running → finished", 2)) << daemon.process->err();
  EXPECT_EQ(site.count("/new"), 1U);
  EXPECT_EQ(site.count(), before + 1);  // nothing else was fetched again
  EXPECT_THAT(daemon.process->err(), HasSubstr("first: seeds.urls: ["));

  daemon.add("broken.toml", "[fetch]\nhtpp = 1\n");
  ASSERT_TRUE(daemon.says("broken: invalid")) << daemon.process->err();
  EXPECT_THAT(daemon.process->err(), HasSubstr("key fetch.htpp: unknown key"));
  daemon.add("broken.toml", DaemonProcess::job(site.url("/p2")));
  ASSERT_TRUE(daemon.says("broken: running → finished")) << daemon.process->err();

  std::filesystem::remove(daemon.dir / "jobs/first.toml");
  ASSERT_TRUE(daemon.says("first.toml is gone")) << daemon.process->err();
  EXPECT_EQ(daemon.stop(), 0);
  expect_sound(daemon.output("first"));
}

TEST(Daemon, AJobThatIsEndingHoldsUpNoOther) {
  LoopbackServer site;
  serve_site(site, 3);
  site.on("/slow", Reply{.delay = Millis{9'000}});
  DaemonProcess daemon;
  daemon.add("slow.toml", DaemonProcess::job(site.url("/slow")));
  daemon.start();
  ASSERT_TRUE(site.wait_for("/slow", 1));
  std::filesystem::remove(daemon.dir / "jobs/slow.toml");
  ASSERT_TRUE(daemon.says("slow.toml is gone")) << daemon.process->err();
  const auto begun = std::chrono::steady_clock::now();
  daemon.add("other.toml", DaemonProcess::job(site.url()));
  ASSERT_TRUE(daemon.says("other: running → finished")) << daemon.process->err();
  daemon.add("slow.toml", DaemonProcess::job(site.url("/p1")));
  ASSERT_TRUE(daemon.says("the job \"slow\" of before is still ending")) << daemon.process->err();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds{5});
  ASSERT_TRUE(daemon.says("slow: running → finished")) << daemon.process->err();
  EXPECT_EQ(daemon.stop(), 0);
}

// Its folder is held until the run of before has ended.
TEST(Daemon, AJobThatIsCalledOtherwiseWaitsForItsFolder) {
  LoopbackServer site;
  serve_site(site, 3);
  site.on("/slow", Reply{.body = "slow", .delay = Millis{2'000}});
  DaemonProcess daemon;
  const auto job = [&](std::string_view name, const std::string& url) {
    return fmt::format("[job]\nname = \"{}\"\n[output]\ndir = \"{}\"\n{}", name,
                       (daemon.dir / "shared").string(), DaemonProcess::job(url));
  };
  daemon.add("a.toml", job("one", site.url("/slow")));
  daemon.start();
  ASSERT_TRUE(site.wait_for("/slow", 1));
  daemon.add("a.toml", job("two", site.url("/p1")));
  ASSERT_TRUE(daemon.says("two: running → finished")) << daemon.process->err();
  EXPECT_EQ(daemon.times("two: waiting → running"), 1U) << daemon.process->err();
  EXPECT_EQ(daemon.stop(), 0);
}

TEST(Daemon, ARunTakesWhatItCanAndBeginsAgainForTheRest) {
  LoopbackServer site;
  serve_site(site, 200);
  DaemonProcess daemon;
  const std::string slow = "delay = \"200ms\"\n";
  daemon.add("a.toml", DaemonProcess::job(site.url(), slow));
  daemon.start();
  ASSERT_TRUE(site.wait_for("/p1", 1));
  daemon.add("a.toml", "[fetch\n");
  ASSERT_TRUE(daemon.says("a: goes on with the settings before these errors"));
  daemon.add("a.toml", DaemonProcess::job(site.url(), "delay = \"0s\"\nper_host = 2\n"));
  ASSERT_TRUE(daemon.says("a: politeness.delay: \"200ms\" → \"0s\"")) << daemon.process->err();
  ASSERT_TRUE(daemon.says("a: running → finished")) << daemon.process->err();
  EXPECT_EQ(daemon.times("a: waiting → running"), 1U);
  EXPECT_EQ(daemon.stop(), 0);

  daemon.add("b.toml", DaemonProcess::job(site.url(), slow));
  daemon.start();
  ASSERT_TRUE(daemon.says("b: waiting → running"));
  ASSERT_TRUE(site.wait_for("/p1", 2));
  daemon.add("b.toml", DaemonProcess::job(site.url(), "delay = \"0s\"\n[scope]\nmax_depth = 3\n"));
  ASSERT_TRUE(daemon.says("b: scope.max_depth holds from a run's start on"));
  ASSERT_TRUE(daemon.says("b: running → finished")) << daemon.process->err();
  EXPECT_EQ(daemon.times("b: waiting → running"), 2U);
  EXPECT_EQ(daemon.stop(), 0);
  EXPECT_EQ(count(read_records(daemon.output("b")), UrlState::fetched), 201U);
}

TEST(Daemon, AfterKillMinusNineEverythingGoesOn) {
  LoopbackServer site;
  serve_site(site, 120, Millis{20});
  DaemonProcess daemon;
  daemon.add("a.toml", DaemonProcess::job(site.url()));
  daemon.add("b.toml", DaemonProcess::job(site.url("/p1")));
  for (int kills = 0; kills < 4; ++kills) {
    const auto seen = site.count();
    daemon.start();
    for (int i = 0; i < 500 && site.count() < seen + 20; ++i)
      std::this_thread::sleep_for(Millis{10});
    daemon.kill();
  }
  daemon.start();
  ASSERT_TRUE(daemon.says("a: running → finished")) << daemon.process->err();
  ASSERT_TRUE(daemon.says("b: running → finished") || daemon.says("b: finished"))
      << daemon.process->err();
  EXPECT_EQ(daemon.stop(), 0);
  for (const char* name : {"a", "b"}) {
    EXPECT_EQ(count(read_records(daemon.output(name)), UrlState::fetched), 121U) << name;
    expect_sound(daemon.output(name));
  }
  // What is finished stays so: the next start fetches nothing.
  const auto seen = site.count();
  daemon.start();
  EXPECT_TRUE(daemon.says("a: finished"));
  EXPECT_EQ(daemon.stop(), 0);
  EXPECT_EQ(site.count(), seen);
}

TEST(Daemon, DrainsOnSigtermAndGoesOnAtTheNextStart) {
  LoopbackServer site;
  serve_site(site, 60, Millis{200});
  DaemonProcess daemon;
  daemon.add("a.toml", DaemonProcess::job(site.url()));
  daemon.start();
  ASSERT_TRUE(site.wait_for("/p1", 1));
  EXPECT_EQ(daemon.stop(), 0) << daemon.process->err();
  const auto records = read_records(daemon.output("a"));
  EXPECT_GT(count(records, UrlState::queued), 0U);
  EXPECT_GT(count(records, UrlState::fetched), 0U);
  expect_sound(daemon.output("a"));
  daemon.start();
  ASSERT_TRUE(daemon.says("a: running → finished")) << daemon.process->err();
  EXPECT_EQ(daemon.stop(), 0);
  // What was in flight was finished, so that nothing was asked for twice.
  for (int i = 1; i <= 60; ++i) EXPECT_EQ(site.count(fmt::format("/p{}", i)), 1U) << i;
}

TEST(Daemon, ASecondSignalGivesUpWhatIsInFlight) {
  LoopbackServer site;
  site.on("/", support::never_answer());
  DaemonProcess daemon;
  daemon.add("a.toml", DaemonProcess::job(site.url()));
  daemon.start();
  ASSERT_TRUE(site.wait_for("/", 1));
  daemon.process->send_signal(SIGTERM);
  ASSERT_TRUE(daemon.says("stopping: finishing what is in flight"));
  const auto begun = std::chrono::steady_clock::now();
  daemon.process->send_signal(SIGTERM);
  EXPECT_EQ(daemon.process->wait().exit_code, 0);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds{5});
  EXPECT_EQ(count(read_records(daemon.output("a")), UrlState::queued), 1U);
}

TEST(Daemon, TwoJobsOnOneHostNeverBreakItsPoliteness) {
  LoopbackServer site;
  serve_site(site, 12, Millis{10});
  DaemonProcess daemon;
  const std::string polite = "delay = \"100ms\"\n";
  daemon.add("a.toml", DaemonProcess::job(site.url(), polite));
  daemon.add("b.toml", DaemonProcess::job(site.url(), polite));
  daemon.start();
  ASSERT_TRUE(daemon.says("a: running → finished")) << daemon.process->err();
  ASSERT_TRUE(daemon.says("b: running → finished")) << daemon.process->err();
  EXPECT_EQ(daemon.stop(), 0);
  EXPECT_EQ(site.at_once_max(), 1U);
  const auto requests = site.requests();
  ASSERT_GE(requests.size(), 26U);
  for (std::size_t i = 1; i < requests.size(); ++i)
    EXPECT_GE(requests[i].time - requests[i - 1].time, Millis{99}) << requests[i].target;
}

TEST(Daemon, AHostThatAskedOneJobToWaitIsLeftAloneByAllAfterAKillToo) {
  LoopbackServer site;
  serve_site(site, 3);
  site.on("/later", Reply{.status = 503, .headers = {{"Retry-After", "3600"}}});
  DaemonProcess daemon;
  daemon.add("a.toml", DaemonProcess::job(site.url("/later")));
  daemon.start();
  ASSERT_TRUE(site.wait_for("/later", 1));
  const auto is_stored = [&] {
    return daemon.ask({"results", "a"}).out.contains("\"attempts\":1");
  };
  for (int i = 0; i < 100 && !is_stored(); ++i) std::this_thread::sleep_for(Millis{100});
  daemon.kill();
  const auto asked = site.count();
  daemon.add("b.toml", DaemonProcess::job(site.url("/p1")));
  daemon.start();
  ASSERT_TRUE(daemon.says("b: waiting → running"));
  std::this_thread::sleep_for(Millis{1'500});
  EXPECT_EQ(site.count(), asked);
  EXPECT_EQ(daemon.stop(), 0);
}

TEST(Daemon, AScheduledJobFetchesAnewWhatIsFinished) {
  LoopbackServer site;
  site.on("/", [](const SeenRequest& request) {
    if (request.header("If-None-Match") == "\"1\"") return Reply{.status = 304};
    return Reply{.headers = {{"ETag", "\"1\""}}, .body = "<title>a</title>"};
  });
  DaemonProcess daemon;
  daemon.add("a.toml", "job.schedule = \"every 1s\"\n" + DaemonProcess::job(site.url()));
  daemon.start();
  ASSERT_TRUE(daemon.says_times("a: running → finished", 4)) << daemon.process->err();
  EXPECT_EQ(daemon.stop(), 0);
  EXPECT_GE(site.count("/"), 4U);
  EXPECT_THAT(site.requests().back().header("If-None-Match"), "\"1\"");
  const auto records = read_records(daemon.output("a"));
  EXPECT_EQ(records.size(), 1U);
}

TEST(Daemon, AJobThatComesBackToItsFolderIsFetchedAnewAsOftenAsItIsAskedTo) {
  LoopbackServer site;
  site.on("/", Reply{.body = "a"});
  DaemonProcess daemon;
  const std::string job = DaemonProcess::job(site.url());
  daemon.add("a.toml", job);
  daemon.start();
  ASSERT_TRUE(daemon.says("a: running → finished")) << daemon.process->err();
  EXPECT_EQ(daemon.ask({"run-now", "a"}).exit_code, 0);
  ASSERT_TRUE(daemon.says_times("a: running → finished", 2)) << daemon.process->err();
  EXPECT_EQ(site.count("/"), 2U);
  std::filesystem::remove(daemon.dir / "jobs/a.toml");
  ASSERT_TRUE(daemon.says("a.toml is gone")) << daemon.process->err();
  daemon.add("a.toml", job);
  ASSERT_TRUE(daemon.says_times("a: running → finished", 3)) << daemon.process->err();
  EXPECT_EQ(site.count("/"), 2U);  // the folder has it
  EXPECT_EQ(daemon.ask({"run-now", "a"}).exit_code, 0);
  ASSERT_TRUE(daemon.says_times("a: running → finished", 4)) << daemon.process->err();
  EXPECT_EQ(site.count("/"), 3U);
  EXPECT_EQ(daemon.stop(), 0);
}

TEST(Daemon, JobsBeyondJobsAtOnceWaitForTheirTurn) {
  LoopbackServer site;
  serve_site(site, 4, Millis{100});
  DaemonProcess daemon;
  daemon.configure("jobs_at_once = 1\n");
  for (const char* name : {"a", "b", "c"})
    daemon.add(fmt::format("{}.toml", name), DaemonProcess::job(site.url(), "delay = \"0s\"\n"));
  daemon.start();
  for (const char* name : {"a", "b", "c"})
    ASSERT_TRUE(daemon.says(fmt::format("{}: running → finished", name))) << daemon.process->err();
  EXPECT_EQ(daemon.stop(), 0);
  EXPECT_EQ(site.at_once_max(), 1U);
}

TEST(Daemon, AReloadSaysWhatChanged) {
  LoopbackServer site;
  DaemonProcess daemon;
  daemon.start();
  daemon.configure("concurrency = 16\n[log]\nlevel = \"debug\"\n");
  daemon.process->send_signal(SIGHUP);
  ASSERT_TRUE(daemon.says("concurrency: 1024 → 16")) << daemon.process->err();
  ASSERT_TRUE(daemon.says("log.level: \"auto\" → \"debug\" (from the next start on)"));
  daemon.configure("concurrency = 0\n");
  daemon.process->send_signal(SIGHUP);
  ASSERT_TRUE(daemon.says("the configuration stays as it was")) << daemon.process->err();
  EXPECT_EQ(daemon.stop(), 0);
}

TEST(Daemon, WhatIsInTheWayOfAStartIsNamed) {
  DaemonProcess daemon;
  daemon.start();
  const auto same = run_trawl({"serve", "--config", (daemon.dir / "trawl.toml").string()});
  EXPECT_EQ(same.exit_code, 5);
  EXPECT_THAT(same.err, HasSubstr("is in use by another trawl (pid "));
  const auto port = run_trawl({"serve", "--config", (daemon.dir / "trawl.toml").string(),
                               "--data-dir", (daemon.dir / "other").string()});
  EXPECT_EQ(port.exit_code, 4) << port.err;
  EXPECT_THAT(port.err, HasSubstr(fmt::format("{}", daemon.port)));
  const auto open =
      run_trawl({"serve", "--listen", "0.0.0.0:0", "--data-dir", (daemon.dir / "other").string()});
  EXPECT_EQ(open.exit_code, 3);
  EXPECT_THAT(open.err, HasSubstr("--listen: key listen: 0.0.0.0:0 is more than loopback"));
  EXPECT_EQ(daemon.stop(), 0);
  daemon.dir.write("data/daemon.db", std::string(8192, 'x'));
  const auto damaged = run_trawl({"serve", "--config", (daemon.dir / "trawl.toml").string()});
  EXPECT_EQ(damaged.exit_code, 6) << damaged.err;
}

// The service manager's end of NOTIFY_SOCKET.
class NotifySocket {
 public:
  explicit NotifySocket(const std::filesystem::path& path)
      : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    const timeval wait{.tv_sec = 0, .tv_usec = 100'000};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  }
  ~NotifySocket() { ::close(fd_); }
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  bool hears(std::string_view text, int times = 1) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{15};
    for (; times > 0 && std::chrono::steady_clock::now() < end;) {
      std::string message(4096, '\0');
      const auto size = ::recv(fd_, message.data(), message.size(), 0);
      if (size <= 0) continue;
      message.resize(static_cast<std::size_t>(size));
      heard_ += message + "\n";
      if (message.contains(text)) --times;
    }
    return times == 0;
  }
  const std::string& heard() const { return heard_; }

 private:
  int fd_;
  std::string heard_;
};

TEST(Daemon, TellsTheServiceManagerHowItIs) {
  DaemonProcess daemon;
  NotifySocket manager{daemon.dir / "notify"};
  daemon.start({{"NOTIFY_SOCKET", (daemon.dir / "notify").string()}, {"WATCHDOG_USEC", "600000"}});
  EXPECT_TRUE(manager.hears("READY=1\nSTATUS=0 jobs, 0 running")) << manager.heard();
  EXPECT_TRUE(manager.hears("WATCHDOG=1", 3)) << manager.heard();
  daemon.process->send_signal(SIGHUP);
  EXPECT_TRUE(manager.hears("RELOADING=1\nMONOTONIC_USEC=")) << manager.heard();
  EXPECT_TRUE(manager.hears("READY=1")) << manager.heard();
  daemon.process->send_signal(SIGTERM);
  EXPECT_TRUE(manager.hears("STOPPING=1")) << manager.heard();
  EXPECT_EQ(daemon.process->wait().exit_code, 0);
}

}  // namespace
}  // namespace trawl::e2e
