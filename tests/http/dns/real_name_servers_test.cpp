// Against servers that are not ours. The records of dnsmasq have a TTL of 0, so the floor shows.
#include "tests/support/real_name_servers.hpp"

#include "core/base/limits.hpp"
#include "tests/http/dns/asker.hpp"
#include "tests/support/dns_server.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace trawl::http::dns {
namespace {

using support::Dnsmasq;
using support::DnsQuestion;
using support::DnsReply;
using support::Knot;

const std::vector<std::string> zone{"--host-record=a.test,192.0.2.1,2001:db8::1",
                                    "--host-record=v4.test,192.0.2.4", "--cname=alias.test,a.test",
                                    "--address=/many.test/192.0.2.9"};

// dnsmasq's log comes through a pipe, a moment after its answer.
std::size_t asked(const Dnsmasq& server, std::string_view name, std::string_view type,
                  std::size_t at_least) {
  for (int tries = 0; tries < 500 && server.count(name, type) < at_least; ++tries)
    std::this_thread::sleep_for(10ms);
  return server.count(name, type);
}

}  // namespace

TEST(Dnsmasq, GivesAddressesOfNamesAndOfAliases) {
  const Dnsmasq server{zone};
  EXPECT_EQ(ask(asking(server), "a.test"), "2001:db8::1 192.0.2.1 ");
  EXPECT_EQ(ask(asking(server), "alias.test"), "2001:db8::1 192.0.2.1 ");
  EXPECT_EQ(ask(asking(server), "v4.test"), "192.0.2.4 ");
  EXPECT_EQ(ask(asking(server), "gone.test"), "dns: there is no name gone.test (NXDOMAIN)");
  EXPECT_EQ(ask(asking(server), "elsewhere.example"),
            fmt::format("dns: elsewhere.example: REFUSED from {}", server.address()));
}

TEST(Dnsmasq, IsAskedOnceForWhatManyWantAndAgainWhenItsTimeIsOver) {
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
  EXPECT_EQ(asked(server, "a.test", "A", 2), 2U);
  EXPECT_EQ(asked(server, "a.test", "AAAA", 2), 2U);
}

TEST(Dnsmasq, ThatIsStoppedForAWhileLosesNothing) {
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
TEST(Dnsmasq, PassesOnTheTroubleOfOthers) {
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

TEST(Dnsmasq, AnswersAThousandNamesAtOnceWithoutAThreadOfOurs) {
  const Dnsmasq server{zone};
  std::vector<std::string> names;
  for (int i = 0; i < 1000; ++i) names.push_back(fmt::format("n{}.many.test", i));
  const auto threads = entries_of("/proc/self/task");
  const auto got = with_resolver(asking(server), &resolve_all, names, Millis{20s});
  EXPECT_EQ(std::ranges::count(got, "192.0.2.9 "), 1000);
  EXPECT_EQ(entries_of("/proc/self/task"), threads);
}

// Everything that a zone can do to a client, by a server that goes by the book.
TEST(Knot, GivesAliasesLoopsAndAnswersTooLongForAPacket) {
  std::string records =
      "a 77 A 192.0.2.1\na 66 AAAA 2001:db8::1\nc1 50 CNAME c2\nc2 40 CNAME a\n"
      "out CNAME elsewhere.example.\nloop1 CNAME loop2\nloop2 CNAME loop1\nmail MX 10 a\n"
      "gone CNAME nothing\n";
  for (int i = 1; i <= 200; ++i) records += fmt::format("big A 192.0.2.{}\n", i);
  for (int i = 0; i < 40; ++i) records += fmt::format("text TXT {}\n", std::string(250, 'x'));
  const Knot server{records};
  const auto from = [&](std::string_view why) {
    return fmt::format("{} from {}", why, server.address());
  };
  const auto got = with_resolver(
      asking(server), &resolve_all,
      std::vector<std::string>{"a.test", "c1.test", "big.test", "text.test", "mail.test",
                               "gone.test", "loop1.test", "out.test", "other.example"},
      Millis{5s});
  EXPECT_EQ(got[0], "2001:db8::1 192.0.2.1 ");
  EXPECT_EQ(got[1], got[0]);
  EXPECT_EQ(std::ranges::count(got[2], ' '), limits::dns_addresses_max / 2);
  EXPECT_EQ(got[3], "dns: text.test has no address");
  EXPECT_EQ(got[4], "dns: mail.test has no address");
  EXPECT_TRUE(got[5].starts_with("dns: there is no name gone.test (NXDOMAIN)")) << got[5];
  EXPECT_EQ(got[6], "dns: loop1.test: " + from("too many aliases (CNAME), or a loop of them"));
  EXPECT_EQ(got[7], "dns: out.test: " + from("REFUSED"));  // asked for elsewhere.example
  EXPECT_EQ(got[8], "dns: other.example: " + from("REFUSED"));
}

TEST(Knot, SaysForHowLongANameIsMissing) {
  const Knot server{"a A 192.0.2.1\n"};
  ShiftedClock clock;
  coro::run_root(in_loop(
      asking(server), clock,
      [](Resolver& resolver, ShiftedClock* at) -> coro::Task<int> {
        auto resolving = resolve(resolver, "gone.test");
        co_await std::move(resolving);
        at->shift = 41s;  // the zone's SOA has 42
        EXPECT_TRUE(resolver.is_missing("gone.test"));
        at->shift = 43s;
        EXPECT_FALSE(resolver.is_missing("gone.test"));
        co_return 0;
      },
      &clock));
}

}  // namespace trawl::http::dns
