#include "core/base/limits.hpp"
#include "core/coro/race.hpp"
#include "core/coro/time.hpp"
#include "core/coro/timeout.hpp"
#include "tests/http/dns/asker.hpp"
#include "tests/support/dns_server.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace trawl::http::dns {
namespace {

using support::DnsQuestion;
using support::DnsReply;
using support::DnsServer;
using support::DnsType;

}  // namespace

TEST(Resolver, AsksForBothFamilies) {
  DnsServer server;
  server.on("a.test", {"192.0.2.1", "2001:db8::1"});
  EXPECT_EQ(ask(asking(server), "a.test"), "2001:db8::1 192.0.2.1 ");
  EXPECT_EQ(server.count("a.test", DnsType::a), 1U);
  EXPECT_EQ(server.count("a.test", DnsType::aaaa), 1U);
}

TEST(Resolver, KnowsSpecialNamesWithoutAsking) {
  DnsServer server;
  const auto options = asking(server);
  for (const char* name : {"localhost", "localhost.", "a.b.localhost"})
    EXPECT_EQ(ask(options, name), "::1 127.0.0.1 ") << name;
  EXPECT_EQ(ask(options, "a.invalid"), "dns: names under .invalid are not in the DNS");
  EXPECT_EQ(ask(options, "x.onion"), "dns: names under .onion are not in the DNS");
  for (const std::string& name :
       {std::string(64, 'a') + ".test", std::string("a..test"), std::string(""),
        std::string(".test"), fmt::format("{0}.{0}.{0}.{0}.test", std::string(63, 'a'))})
    EXPECT_TRUE(ask(options, name).starts_with("dns: a name that the DNS can't carry")) << name;
  EXPECT_EQ(ask(options, "0x7f.1"), "127.0.0.1 ");
  EXPECT_EQ(ask(options, "2130706433."), "127.0.0.1 ");
  EXPECT_EQ(ask(options, "1.2.3.4.5"), "dns: a number that is no address");
  EXPECT_EQ(server.count(), 0U);
}

TEST(Resolver, PrefersTheHostsFile) {
  DnsServer server;
  auto options = asking(server);
  options.hosts = std::make_shared<const HostsFile>(
      HostsFile::parse("192.0.2.7 mine.test\n2001:db8::7 mine.test\n10.0.0.1 localhost\n"));
  EXPECT_EQ(ask(options, "mine.test"), "2001:db8::7 192.0.2.7 ");
  EXPECT_EQ(ask(options, "mine.test."), "2001:db8::7 192.0.2.7 ");
  EXPECT_EQ(ask(options, "localhost"), "::1 127.0.0.1 ");
  EXPECT_EQ(server.count(), 0U);
}

coro::Task<std::vector<std::string>> ask_around_put_last(Resolver& resolver, std::string name) {
  std::vector<std::string> said;
  for (int n = 0; n < 2; ++n) {
    auto asking = resolve(resolver, name);
    said.push_back(co_await std::move(asking));
    resolver.put_last(name, std::array{*IpAddress::parse("192.0.2.1")});
  }
  co_return said;
}

TEST(Resolver, WhyANameHasNoAddressOutlivesTheConnectionsToFormerOnes) {
  DnsServer server;
  const auto said = with_resolver(asking(server), &ask_around_put_last, std::string{"gone.test"});
  EXPECT_TRUE(said[0].starts_with("dns: ")) << said[0];
  EXPECT_EQ(said[1], said[0]);
}

TEST(Resolver, ManyWhoWantOneNameShareOneLookup) {
  DnsServer server;
  server.on("a.test", [](const DnsQuestion& question) {
    auto reply = support::dns_addresses(question, {"192.0.2.1"});
    reply.delay = 30ms;
    return reply;
  });
  const auto got = with_resolver(asking(server), &resolve_all,
                                 std::vector<std::string>(100, "a.test"), Millis{5s});
  EXPECT_EQ(std::ranges::count(got, "192.0.2.1 "), 100);
  EXPECT_EQ(server.count("a.test", DnsType::a), 1U);
}

TEST(Resolver, OneWhoLeavesTakesNothingFromTheOthers) {
  DnsServer server;
  server.on("a.test", [](const DnsQuestion& question) {
    auto reply = support::dns_addresses(question, {"192.0.2.1"});
    reply.delay = 80ms;
    return reply;
  });
  const auto got = with_resolver(asking(server), [](Resolver& resolver) -> coro::Task<std::string> {
    auto impatient = coro::within(10ms, resolve(resolver, "a.test"));
    auto out_of_time = resolve(resolver, "a.test", 20ms);
    auto patient = resolve(resolver, "a.test");
    std::vector<coro::Task<std::string>> tasks;
    tasks.push_back(std::move(out_of_time));
    tasks.push_back(std::move(patient));
    auto both = coro::gather(std::move(tasks));
    auto gathering = coro::gather(std::move(impatient), std::move(both));
    const auto all = co_await std::move(gathering);
    EXPECT_FALSE(std::get<0>(all));
    EXPECT_TRUE(std::get<1>(all)[0].starts_with("dns_timeout: no answer about a.test from 127."));
    co_return std::get<1>(all)[1];
  });
  EXPECT_EQ(got, "192.0.2.1 ");
  EXPECT_EQ(server.count("a.test", DnsType::a), 1U);
}

TEST(Resolver, TheLastWhoLeavesTakesTheLookupAlong) {
  DnsServer server;
  server.otherwise([](const DnsQuestion&) { return DnsReply{.silent = true}; });
  with_resolver(asking(server), [](Resolver& resolver) -> coro::Task<int> {
    auto leaving = coro::within(20ms, resolve_all(resolver, {"a.test", "a.test", "b.test"}, 5s));
    co_await std::move(leaving);
    EXPECT_EQ(resolver.lookups(), 0U);
    auto late = resolve(resolver, "a.test", 20ms);
    co_await std::move(late);
    EXPECT_EQ(resolver.lookups(), 0U);
    EXPECT_EQ(resolver.lookups_begun(), 3U);
    co_return 0;
  });
}

TEST(Resolver, BelievesAnAnswerForItsTime) {
  DnsServer server;
  server.on("a.test", [](const DnsQuestion& question) {
    return support::dns_addresses(question, {question.before == 0 ? "192.0.2.1" : "192.0.2.2"}, 30);
  });
  server.on("gone.test",
            [](const DnsQuestion&) { return DnsReply{.rcode = 3, .soa_minimum_s = 20}; });
  ShiftedClock clock;
  coro::run_root(in_loop(
      asking(server), clock,
      [](Resolver& resolver, ShiftedClock* at, DnsServer* asked) -> coro::Task<int> {
        for (const auto& [shift, address, gone] :
             {std::tuple{0s, "192.0.2.1 ", 1U}, std::tuple{15s, "192.0.2.1 ", 1U},
              std::tuple{29s, "192.0.2.1 ", 2U}, std::tuple{31s, "192.0.2.2 ", 2U}}) {
          at->shift = shift;
          auto resolving = resolve(resolver, "a.test");
          const auto got = co_await std::move(resolving);
          EXPECT_EQ(got, address) << shift.count();
          auto missing = resolve(resolver, "gone.test");
          const auto none = co_await std::move(missing);
          EXPECT_EQ(none, "dns: there is no name gone.test (NXDOMAIN)");
          EXPECT_TRUE(resolver.is_missing("gone.test."));
          EXPECT_FALSE(resolver.is_missing("a.test"));
          EXPECT_EQ(asked->count("gone.test"), gone) << shift.count();
        }
        co_return 0;
      },
      &clock, &server));
}

TEST(Resolver, AsksAgainWhenAPacketIsLost) {
  DnsServer server;
  server.on("a.test", [](const DnsQuestion& question) {
    if (question.before == 0) return DnsReply{.silent = true};
    return support::dns_addresses(question, {"192.0.2.1"});
  });
  const Mono begun = system_clock().now();
  EXPECT_EQ(ask(asking(server), "a.test"), "192.0.2.1 ");
  const auto took = system_clock().now() - begun;
  EXPECT_GE(took, 1s);
  EXPECT_LT(took, 2s);
}

TEST(Resolver, GoesToTheNextServerAtOnceWhenOneRefuses) {
  DnsServer refusing, good;
  refusing.otherwise([](const DnsQuestion&) { return DnsReply{.rcode = 5}; });
  good.on("a.test", {"192.0.2.1"});
  auto options = asking(refusing);
  options.servers.push_back(*ServerAddress::parse(good.address()));
  const Mono begun = system_clock().now();
  EXPECT_EQ(ask(options, "a.test"), "192.0.2.1 ");
  EXPECT_LT(system_clock().now() - begun, 900ms);
}

TEST(Resolver, GoesToTheNextServerWhenNobodyListensAtOne) {
  DnsServer good;
  good.on("a.test", {"192.0.2.1"});
  std::string closed;
  {
    closed = DnsServer{}.address();
  }
  ResolverOptions options{.servers = {*ServerAddress::parse(closed)}};
  EXPECT_EQ(ask(options, "a.test"),
            fmt::format("dns: a.test: Could not contact DNS servers from {}", closed));
  options.servers.push_back(*ServerAddress::parse(good.address()));
  EXPECT_EQ(ask(options, "a.test"), "192.0.2.1 ");
}

TEST(Resolver, RemembersWhichServerAnswersWhenOneIsSilent) {
  DnsServer silent, good;
  silent.otherwise([](const DnsQuestion&) { return DnsReply{.silent = true}; });
  good.otherwise(
      [](const DnsQuestion& question) { return support::dns_addresses(question, {"192.0.2.1"}); });
  auto options = asking(silent);
  options.servers.push_back(*ServerAddress::parse(good.address()));
  with_resolver(options, [](Resolver& resolver) -> coro::Task<int> {
    auto first = resolve(resolver, "a.test");
    co_await std::move(first);
    const Mono begun = system_clock().now();
    auto second = resolve(resolver, "b.test");
    const auto got = co_await std::move(second);
    EXPECT_EQ(got, "192.0.2.1 ");
    EXPECT_LT(system_clock().now() - begun, 900ms);
    co_return 0;
  });
}

TEST(Resolver, NamesWhatTheServerAnsweredInstead) {
  DnsServer server;
  const auto from = [&](std::string_view why) {
    return fmt::format("dns: a.test: {} from {}", why, server.address());
  };
  server.on("a.test", [](const DnsQuestion&) { return DnsReply{.rcode = 2}; });
  EXPECT_EQ(ask(asking(server), "a.test"), from("SERVFAIL"));
  // Right up to the end of the question, so that it is taken for an answer at all.
  const std::string head{"\x81\x80\0\1\0\5\0\0\0\0\1a\4test\0\0", 19};
  server.on("a.test", [head](const DnsQuestion& question) {
    return DnsReply{.raw = head + (question.type == DnsType::a ? '\x01' : '\x1c') +
                           std::string{"\0\1\xC0\xFF\xFF\xFF", 6}};
  });
  EXPECT_EQ(ask(asking(server), "a.test"), from("a damaged answer"));
}

TEST(Resolver, GarbageIsSilence) {
  DnsServer server;
  server.on("a.test", [](const DnsQuestion&) { return DnsReply{.raw = std::string(40, '\xFF')}; });
  EXPECT_TRUE(
      ask(asking(server), "a.test", 100ms).starts_with("dns_timeout: no answer about a.test"));
}

// What is longer than timeout_dns is no failure of the server's either.
TEST(Resolver, SilenceStaysSilenceWhenTheQuestionsOwnTimeIsOver) {
  DnsServer server;
  server.otherwise([](const DnsQuestion&) { return DnsReply{.silent = true}; });
  auto options = asking(server);
  options.question_time = 100ms;
  EXPECT_TRUE(
      ask(std::move(options), "a.test", 400ms).starts_with("dns_timeout: no answer about a.test"));
}

TEST(Resolver, GoesOverTcpForWhatDoesNotFitIntoAPacket) {
  DnsServer server;
  server.on("big.test", [](const DnsQuestion& question) {
    std::vector<std::string> all;
    for (int i = 0; i < 200; ++i) all.push_back(fmt::format("192.0.2.{}", i));
    return support::dns_addresses(question, all);
  });
  const auto got = ask(asking(server), "big.test");
  EXPECT_EQ(std::ranges::count(got, ' '), limits::dns_addresses_max / 2);
  const auto questions = server.questions();
  EXPECT_TRUE(std::ranges::any_of(questions, &DnsQuestion::tcp));
}

// c-ares 1.18 would fail all questions to a server when that closes a TCP connection.
TEST(Resolver, AConnectionThatIsClosedTakesNoOtherNameAlong) {
  DnsServer server;  // closes a connection after 200 ms
  server.on("big.test", [](const DnsQuestion& question) {
    std::vector<std::string> all;
    for (int i = 0; i < 200; ++i) all.push_back(fmt::format("192.0.2.{}", i));
    return support::dns_addresses(question, all);
  });
  server.on("late.test", [](const DnsQuestion& question) {
    auto reply = support::dns_addresses(question, {"192.0.2.1"});
    reply.delay = 600ms;
    return reply;
  });
  const auto got = with_resolver(asking(server), &resolve_all,
                                 std::vector<std::string>{"late.test", "big.test"}, Millis{5s});
  EXPECT_EQ(got[0], "192.0.2.1 ");
  EXPECT_EQ(std::ranges::count(got[1], ' '), limits::dns_addresses_max / 2);
  EXPECT_EQ(server.count("late.test"), 1U);
}

TEST(Resolver, FollowsAliasesAndEndsTheirLoops) {
  DnsServer server;
  const auto alias = [](std::string target) {
    return [target](const DnsQuestion&) {
      return DnsReply{.answers = {{.type = DnsType::cname, .data = target}}};
    };
  };
  server.on("a.test", alias("b.test"));
  server.on("b.test", alias("c.test"));
  server.on("c.test", {"192.0.2.3"});
  server.on("loop.test", alias("pool.test"));
  server.on("pool.test", alias("loop.test"));
  EXPECT_EQ(ask(asking(server), "a.test"), "192.0.2.3 ");
  EXPECT_EQ(ask(asking(server), "loop.test"),
            "dns: loop.test: too many aliases (CNAME), or a loop of them");
  EXPECT_LE(server.count("loop.test"), limits::dns_aliases_max);
}

TEST(Resolver, SlowNamesDontHoldUpOthers) {
  DnsServer server;
  server.otherwise([](const DnsQuestion&) { return DnsReply{.silent = true}; });
  server.on("quick.test", {"192.0.2.1"});
  const auto got = with_resolver(asking(server), [](Resolver& resolver) -> coro::Task<std::string> {
    std::vector<std::string> dead;
    for (std::size_t i = 0; i < limits::dns_lookups_at_once + 50; ++i)
      dead.push_back(fmt::format("dead{}.test", i));
    auto group = [](Resolver& names, std::vector<std::string> all) -> coro::Task<std::string> {
      auto waiting = resolve_all(names, std::move(all), 20s);
      co_await std::move(waiting);
      co_return std::string{};
    };
    std::vector<coro::Task<std::string>> tasks;
    tasks.push_back(group(resolver, std::move(dead)));
    tasks.push_back(resolve(resolver, "quick.test", 20s));
    auto racing = coro::race(std::move(tasks));
    const auto won = co_await std::move(racing);
    co_return won.value;
  });
  EXPECT_EQ(got, "192.0.2.1 ");
}

TEST(Resolver, AThousandNamesAtOnceTakeNoThreadAndOneSocketAServer) {
  DnsServer server;
  server.otherwise(
      [](const DnsQuestion& question) { return support::dns_addresses(question, {"192.0.2.1"}); });
  std::vector<std::string> names;
  for (int i = 0; i < 1000; ++i) names.push_back(fmt::format("n{}.test", i));
  const auto threads = entries_of("/proc/self/task");
  const auto got = with_resolver(
      asking(server),
      [](Resolver& resolver, std::vector<std::string> all,
         std::size_t before) -> coro::Task<std::vector<std::string>> {
        const auto sockets = entries_of("/proc/self/fd");
        auto watch = [](Resolver& asked, std::size_t threads_max,
                        std::size_t fds_max) -> coro::Task<std::vector<std::string>> {
          while (asked.lookups() > 0) {
            EXPECT_LE(entries_of("/proc/self/task"), threads_max);
            EXPECT_LE(entries_of("/proc/self/fd"), fds_max);
            auto pause = coro::sleep_for(1ms);
            co_await std::move(pause);
          }
          co_return std::vector<std::string>{};
        };
        std::vector<coro::Task<std::vector<std::string>>> tasks;
        tasks.push_back(resolve_all(resolver, std::move(all), 20s));
        tasks.push_back(watch(resolver, before, sockets + 4));
        auto gathering = coro::gather(std::move(tasks));
        auto both = co_await std::move(gathering);
        co_return std::move(both[0]);
      },
      names, threads);
  EXPECT_EQ(std::ranges::count(got, "192.0.2.1 "), 1000);
  EXPECT_LE(server.count(), 2200U);  // a few may have been asked again
}

}  // namespace trawl::http::dns
