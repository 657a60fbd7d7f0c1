// Who is told of an end over a daemon's own: what its ledger is for.
#include "tests/e2e/daemon_process.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <thread>

namespace trawl::e2e {
namespace {

// Of the end of a run somebody may be waiting for, whatever became of the daemon meanwhile.
TEST(Daemon, HooksThatWereNotToldBeforeAKillAreToldAtTheNextStart) {
  LoopbackServer site, receiver;
  serve_site(site, 2);
  receiver.on("/hook", Reply{.status = 503});
  DaemonProcess daemon;
  daemon.add("a.toml", DaemonProcess::job(site.url()) +
                           fmt::format("[hooks]\non_finish = \"{}\"\nallow_private_networks = "
                                       "[\"127.0.0.0/8\"]\n",
                                       receiver.url("/hook")));
  daemon.start();
  ASSERT_TRUE(daemon.says("a: running → finished"));
  const auto wait_for = [&](std::size_t requests) {
    for (int i = 0; i < 500 && receiver.count("/hook") < requests; ++i)
      std::this_thread::sleep_for(Millis{20});
    return receiver.count("/hook");
  };
  ASSERT_EQ(wait_for(1), 1U);
  daemon.kill();
  const auto before = receiver.count("/hook");
  receiver.on("/hook", Reply{});
  daemon.start();
  EXPECT_TRUE(daemon.says("telling its hooks of an end that the last daemon did not"));
  ASSERT_EQ(wait_for(before + 1), before + 1);
  const auto requests = receiver.requests();
  EXPECT_EQ(requests.front().header("x-trawl-delivery"),
            requests.back().header("x-trawl-delivery"));
  EXPECT_EQ(requests.front().body, requests.back().body);
  EXPECT_EQ(daemon.stop(), 0);
  // Once it is taken nobody hears of it again.
  daemon.start();
  ASSERT_TRUE(daemon.says("ready: "));
  EXPECT_EQ(daemon.stop(), 0);
  EXPECT_EQ(receiver.count("/hook"), before + 1);
  EXPECT_EQ(daemon.times("telling its hooks"), 0U);
}

// Whoever has no hook any more is not told, and one whose file is mended is.
TEST(Daemon, UntoldEndsWaitForSettingsThatAreValidAndGoWithTheirHook) {
  LoopbackServer site, receiver;
  serve_site(site, 1);
  receiver.on("/hook", Reply{.status = 503});
  const std::string plain = DaemonProcess::job(site.url());
  const std::string hooked = plain + fmt::format(
                                         "[hooks]\non_finish = \"{}\"\nallow_private_networks = "
                                         "[\"127.0.0.0/8\"]\n",
                                         receiver.url("/hook"));
  DaemonProcess daemon;
  daemon.add("a.toml", hooked);
  daemon.add("b.toml", hooked);
  daemon.start();
  ASSERT_TRUE(daemon.says("a: running → finished") && daemon.says("b: running → finished"));
  daemon.kill();
  receiver.on("/hook", Reply{});
  const auto before = receiver.count("/hook");
  daemon.add("a.toml", "nonsense = 1");
  daemon.add("b.toml", plain);
  daemon.start();
  ASSERT_TRUE(daemon.says("a: invalid"));
  daemon.add("a.toml", hooked);
  EXPECT_TRUE(daemon.says("a: telling its hooks of an end"));
  for (int i = 0; i < 500 && receiver.count("/hook") == before; ++i)
    std::this_thread::sleep_for(Millis{20});
  EXPECT_EQ(receiver.count("/hook"), before + 1);
  EXPECT_EQ(daemon.stop(), 0);
  daemon.add("b.toml", hooked);
  daemon.start();
  ASSERT_TRUE(daemon.says("ready: "));
  std::this_thread::sleep_for(Millis{1'500});
  EXPECT_EQ(daemon.stop(), 0);
  EXPECT_EQ(daemon.times("telling its hooks"), 0U);
}

// It would run what was paused.
TEST(Daemon, ALedgerThatIsGoneIsSaid) {
  LoopbackServer site;
  serve_site(site, 1);
  DaemonProcess daemon;
  daemon.add("a.toml", DaemonProcess::job(site.url()));
  daemon.start();
  ASSERT_TRUE(daemon.says("a: running → finished"));
  EXPECT_EQ(daemon.stop(), 0);
  EXPECT_EQ(daemon.times("is new, but"), 0U);
  std::filesystem::remove(daemon.dir / "data/daemon.db");
  daemon.start();
  EXPECT_TRUE(daemon.says("is new, but"));
  EXPECT_EQ(daemon.stop(), 0);
}

}  // namespace
}  // namespace trawl::e2e
