// Against a server that is not ours. Its records have a TTL of 0, so the floor shows too.
#include "tests/support/dnsmasq.hpp"

#include "core/base/limits.hpp"
#include "tests/http/dns/asker.hpp"
#include "tests/support/dns_server.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace trawl::http::dns {
namespace {

using support::Dnsmasq;
using support::DnsQuestion;
using support::DnsReply;

const std::vector<std::string> zone{"--host-record=a.test,192.0.2.1,2001:db8::1",
                                    "--host-record=v4.test,192.0.2.4", "--cname=alias.test,a.test",
                                    "--address=/many.test/192.0.2.9"};

}  // namespace

TEST(RealNameServer, GivesAddressesOfNamesAndOfAliases) {
  const Dnsmasq server{zone};
  EXPECT_EQ(ask(asking(server), "a.test"), "2001:db8::1 192.0.2.1 ");
  EXPECT_EQ(ask(asking(server), "alias.test"), "2001:db8::1 192.0.2.1 ");
  EXPECT_EQ(ask(asking(server), "v4.test"), "192.0.2.4 ");
  EXPECT_EQ(ask(asking(server), "gone.test"), "dns: there is no name gone.test (NXDOMAIN)");
  EXPECT_EQ(ask(asking(server), "elsewhere.example"),
            fmt::format("dns: elsewhere.example: REFUSED from {}", server.address()));
}

TEST(RealNameServer, IsAskedOnceForWhatManyWantAndAgainWhenItsTimeIsOver) {
  const Dnsmasq server{zone};
  ShiftedClock clock;
  coro::run_root(in_loop(
      asking(server), clock,
      [](Resolver& resolver, ShiftedClock* at) -> coro::Task<int> {
        for (const Millis shift : {0s, 9s, 11s}) {
          at->shift = shift;
          auto resolving = resolve_all(resolver, std::vector<std::string>(50, "a.test"), 5s);
          const auto got = co_await std::move(resolving);
          EXPECT_EQ(std::ranges::count(got, "2001:db8::1 192.0.2.1 "), 50);
        }
        co_return 0;
      },
      &clock));
  EXPECT_EQ(server.count("a.test", "A"), 2U);
  EXPECT_EQ(server.count("a.test", "AAAA"), 2U);
}

TEST(RealNameServer, ThatIsStoppedForAWhileLosesNothing) {
  Dnsmasq server{zone};
  server.pause();
  const auto got = with_resolver(
      asking(server),
      [](Resolver& resolver, Dnsmasq* stopped) -> coro::Task<std::vector<std::string>> {
        auto early = resolve_all(resolver, {"a.test"}, 100ms);
        auto got_early = co_await std::move(early);
        stopped->resume();
        auto late = resolve_all(resolver, {"a.test"}, 5s);
        auto got_late = co_await std::move(late);
        got_early.insert(got_early.end(), got_late.begin(), got_late.end());
        co_return got_early;
      },
      &server);
  EXPECT_TRUE(got[0].starts_with("dns_timeout: no answer about a.test"));
  EXPECT_EQ(got[1], "2001:db8::1 192.0.2.1 ");
}

// dnsmasq passes these on to a server that misbehaves.
TEST(RealNameServer, PassesOnTheTroubleOfOthers) {
  support::DnsServer upstream;
  upstream.on("fail.up", [](const DnsQuestion&) { return DnsReply{.rcode = 2}; });
  upstream.on("lost.up", [](const DnsQuestion& question) {
    if (question.before == 0) return DnsReply{.silent = true};
    return support::dns_addresses(question, {"192.0.2.5"});
  });
  const Dnsmasq server{{fmt::format("--server=/up/127.0.0.1#{}", upstream.port())}};
  EXPECT_EQ(ask(asking(server), "fail.up"),
            fmt::format("dns: fail.up: SERVFAIL from {}", server.address()));
  EXPECT_EQ(ask(asking(server), "lost.up"), "192.0.2.5 ");
}

TEST(RealNameServer, AnswersAThousandNamesAtOnceWithoutAThreadOfOurs) {
  const Dnsmasq server{zone};
  std::vector<std::string> names;
  for (int i = 0; i < 1000; ++i) names.push_back(fmt::format("n{}.many.test", i));
  const auto threads = entries_of("/proc/self/task");
  const auto got = with_resolver(asking(server), &resolve_all, names, Millis{20s});
  EXPECT_EQ(std::ranges::count(got, "192.0.2.9 "), 1000);
  EXPECT_EQ(entries_of("/proc/self/task"), threads);
}

}  // namespace trawl::http::dns
