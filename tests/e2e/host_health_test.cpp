// Hosts that are not well, from outside: what a killed or stopped run does to them, and what the
// program says of them.
#include "storage/open.hpp"
#include "storage/sqlite/health.hpp"
#include "tests/e2e/program.hpp"

#include <fmt/format.h>

#include <csignal>
#include <fstream>
#include <thread>

namespace trawl::e2e {
namespace {

using testing::HasSubstr;

// Each URL of a list, with the given settings.
Arguments fetch_list(const LoopbackServer& server, int pages, const std::filesystem::path& folder,
                     Arguments settings) {
  Arguments all{"fetch"};
  for (int i = 0; i < pages; ++i) all.push_back(server.url(fmt::format("/p{}", i)));
  all = all + loopback(folder, {"--set", "politeness.per_host=1", "--set", "robots.policy=ignore"});
  for (const auto& setting : settings) all = all + Arguments{"--set", setting};
  return all;
}

bool wait_until(const std::function<bool()>& holds) {
  const auto begun = system_clock().now();
  while (!holds() && system_clock().now() - begun < std::chrono::seconds(20))
    std::this_thread::sleep_for(Millis{10});
  return holds();
}

storage::HostsBackingOff backing_off(const std::filesystem::path& folder) {
  try {
    auto db = storage::open_results(folder.string());
    return storage::hosts_backing_off(db, 10);
  } catch (const Failure&) {
    return {};  // not there yet
  }
}

// Whether the program has got so far that a signal does not just end it (proc(5), SigCgt).
bool handles(const Subprocess& program, int signal) {
  std::ifstream status{fmt::format("/proc/{}/status", program.pid())};
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("SigCgt:"))
      return (std::stoull(line.substr(7), nullptr, 16) >> (signal - 1) & 1) != 0;
  return false;
}

TEST(HostHealth, AnOpenBreakerOutlivesKillNineAndIsExplained) {
  LoopbackServer server;
  server.otherwise([](const SeenRequest&) { return support::reset_before_head(); });
  const TempDir dir;
  const auto out = dir / "out";
  const auto arguments = fetch_list(server, 6, out, {"fetch.host_breaker=2 failures, 1h"});
  {
    Subprocess run{trawl(arguments)};
    ASSERT_TRUE(wait_until([&] { return backing_off(out).open == 1; }));
    run.send_signal(SIGKILL);
    EXPECT_EQ(run.wait().signal, SIGKILL);
  }
  EXPECT_EQ(server.count(), 2U);
  {
    Subprocess again{trawl(arguments)};
    ASSERT_TRUE(wait_until([&] { return handles(again, SIGTERM); }));
    std::this_thread::sleep_for(Millis{800});
    again.send_signal(SIGTERM);
    EXPECT_EQ(again.wait().exit_code, 10);
  }
  EXPECT_EQ(server.count(), 2U);
  const auto explained = run_trawl({"explain", out.string(), server.url("/p5")});
  EXPECT_THAT(explained.out, HasSubstr("breaker open after 2 failures in a row; the last: reset"));
  EXPECT_THAT(explained.out, HasSubstr("the breaker of its host is open until then"));
  const auto stats = run_trawl({"stats", out.string()});
  EXPECT_THAT(stats.out, HasSubstr("hosts backing off\n"));
  EXPECT_THAT(stats.out, HasSubstr("breaker open after 2 failures in a row; the last: reset"));
}

TEST(HostHealth, AnOverloadedHostIsExplained) {
  LoopbackServer server;
  server.otherwise([](const SeenRequest&) {
    return Reply{.status = 429, .headers = {{"Retry-After", "1800"}}};
  });
  const TempDir dir;
  const auto out = dir / "out";
  {
    Subprocess run{trawl(fetch_list(server, 3, out, {}))};
    ASSERT_TRUE(wait_until([&] { return backing_off(out).throttled == 1; }));
    run.send_signal(SIGTERM);
    EXPECT_EQ(run.wait().exit_code, 10);
  }
  EXPECT_EQ(server.count(), 1U);
  const auto explained = run_trawl({"explain", out.string(), server.url("/p2")});
  EXPECT_THAT(explained.out, HasSubstr("overloaded 1 time in a row (429, 503 or a timeout)"));
  EXPECT_THAT(explained.out, HasSubstr("its host is overloaded and left alone until then"));
  EXPECT_THAT(run_trawl({"stats", out.string(), "--format", "json"}).out,
              HasSubstr("\"hosts_overloaded\":1"));
}

TEST(HostHealth, JobsOfOneRunKeepTheDelayBetweenThem) {
  LoopbackServer server;
  server.otherwise([](const SeenRequest&) { return Reply{.body = "page"}; });
  const TempDir dir;
  Arguments arguments{"run"};
  for (const std::string name : {"one", "other"}) {
    const auto file = dir / (name + ".toml");
    std::ofstream{file} << fmt::format(
        "[job]\nmode = 'fetch'\n[seeds]\nurls = ['{}']\n[output]\ndir = '{}'\n"
        "[politeness]\ndelay = '300ms'\nadaptive = 'off'\n[limits]\nmin_free_disk = 'off'\n"
        "[fetch]\nallow_private_networks = ['127.0.0.0/8']\n",
        server.url("/" + name), (dir / name).string());
    arguments.push_back(file.string());
  }
  const auto run = run_trawl(arguments);
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 4U);  // each with its robots.txt
  for (std::size_t i = 1; i < requests.size(); ++i)
    EXPECT_GE(requests[i].time - requests[i - 1].time, Millis{299}) << requests[i].path;
}

// The time of the stop is no wait: between two requests lie the delay and the stop.
TEST(HostHealth, AStoppedProcessComesBackWithoutABurst) {
  constexpr Millis delay{300}, stop{2'000};
  std::vector<std::unique_ptr<LoopbackServer>> servers;
  Arguments arguments{"fetch"};
  for (int i = 0; i < 4; ++i) {
    servers.push_back(std::make_unique<LoopbackServer>());
    servers.back()->otherwise([](const SeenRequest&) { return Reply{.body = "page"}; });
    for (int n = 0; n < 6; ++n) arguments.push_back(servers.back()->url(fmt::format("/p{}", n)));
  }
  const TempDir dir;
  arguments = arguments +
              loopback(dir / "out", {"--set", "politeness.per_host=1", "--set",
                                     "politeness.delay_max=1s", "--set", "robots.policy=ignore",
                                     "--set", fmt::format("politeness.delay={}ms", delay.count())});
  Subprocess run{trawl(arguments)};
  ASSERT_TRUE(servers[0]->wait_for("/p1", 1));
  std::this_thread::sleep_for(Millis{100});
  run.send_signal(SIGSTOP);
  const Mono stopped = system_clock().now();
  std::this_thread::sleep_for(stop);
  const Mono resumed = system_clock().now();
  run.send_signal(SIGCONT);
  EXPECT_EQ(run.wait().exit_code, 0);
  for (const auto& server : servers) {
    const auto requests = server->requests();
    ASSERT_EQ(requests.size(), 6U);
    for (std::size_t i = 1; i < requests.size(); ++i) {
      Mono::duration gap = requests[i].time - requests[i - 1].time;
      if (requests[i - 1].time <= stopped && requests[i].time >= resumed) gap -= resumed - stopped;
      EXPECT_GE(gap, delay - Millis{20}) << i;
    }
  }
}

}  // namespace
}  // namespace trawl::e2e
