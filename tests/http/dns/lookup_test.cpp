#include "core/http/dns/lookup.hpp"

#include "core/base/limits.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace trawl::http::dns {
namespace {

using namespace std::chrono_literals;
using Kind = Answer::Kind;

constexpr auto a = RecordType::a;
constexpr auto aaaa = RecordType::aaaa;

// A lookup with hands: each question that it has put, by type, and the time.
struct Asking {
  explicit Asking(std::vector<std::string> servers = {"one"}, std::size_t first = 0)
      : lookup("a.test", servers, first) {
    take();
  }

  void take() {
    for (auto& query : lookup.take_queries(now)) {
      ++sent;
      (query.type == a ? last_a : last_aaaa) = query;
    }
  }
  Query& last(RecordType type) { return type == a ? last_a : last_aaaa; }
  void answer(RecordType type, Answer answer) {
    lookup.on_answer(last(type), std::move(answer), now);
    take();
  }
  void fail(RecordType type, std::string_view why = "SERVFAIL") {
    answer(type, {.kind = Kind::failed, .detail = std::string{why}});
  }
  // Lets all time pass that the lookup wants to wait, question after question.
  void stay_silent() {
    while (!lookup.done(now)) {
      now = lookup.deadline();
      lookup.on_time(now);
      take();
    }
  }
  void wait(Millis time) {
    now += time;
    lookup.on_time(now);
    take();
  }
  bool done() const { return lookup.done(now); }
  Lookup::Outcome outcome() {
    EXPECT_TRUE(done());
    return lookup.take_outcome();
  }
  std::string error() {
    const auto got = outcome();
    return got.resolution.error ? got.resolution.error->message() : "none";
  }

  Mono now{1h};
  Lookup lookup;
  Query last_a, last_aaaa;
  int sent = 0;
};

Answer addresses(const std::vector<const char*>& texts, std::uint32_t ttl_s = 300) {
  Answer answer{.kind = Kind::addresses, .ttl_s = ttl_s};
  for (const char* text : texts) answer.addresses.push_back(*IpAddress::parse(text));
  return answer;
}

Answer none(Kind kind, std::uint32_t ttl_s = 60) {
  return {.kind = kind, .ttl_s = ttl_s};
}

Answer alias(std::string name, std::size_t aliases = 1) {
  return {.kind = Kind::alias, .ttl_s = 30, .aliases = aliases, .alias = std::move(name)};
}

std::string texts(const Resolution& resolution) {
  std::string text;
  for (const auto& address : resolution.addresses) text += address.to_string() + " ";
  return text;
}

}  // namespace

// RFC 8305 4: the families take turns, IPv6 first.
TEST(Lookup, AsksForBothFamiliesAtOnceAndMixesThem) {
  Asking asking;
  EXPECT_EQ(asking.sent, 2);
  asking.answer(a, addresses({"192.0.2.1", "192.0.2.2", "192.0.2.3"}, 300));
  EXPECT_FALSE(asking.done());
  asking.answer(aaaa, addresses({"2001:db8::1", "2001:db8::2"}, 200));
  const auto outcome = asking.outcome();
  EXPECT_EQ(texts(outcome.resolution), "2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2 192.0.2.3 ");
  EXPECT_EQ(outcome.ttl, 200s);
}

TEST(Lookup, BelievesAnAnswerWithinBoundsWhateverItSays) {
  for (const auto& [said_s, believed] :
       {std::pair{0U, 10s}, std::pair{10U, 10s}, std::pair{11U, 11s}, std::pair{3600U, 3600s},
        std::pair{0x7FFFFFFFU, 3600s}}) {
    Asking asking;
    asking.answer(a, addresses({"192.0.2.1"}, said_s));
    asking.answer(aaaa, none(Kind::no_data));
    EXPECT_EQ(asking.outcome().ttl, believed) << said_s;
  }
}

TEST(Lookup, WaitsALittleForTheOtherFamily) {
  Asking asking;
  asking.answer(a, addresses({"192.0.2.1"}));
  EXPECT_EQ(asking.lookup.deadline() - asking.now, 50ms);
  asking.wait(49ms);
  EXPECT_FALSE(asking.done());
  asking.wait(1ms);
  const auto outcome = asking.outcome();
  EXPECT_EQ(texts(outcome.resolution), "192.0.2.1 ");
  EXPECT_EQ(outcome.ttl, 60s);  // so that IPv6 is asked for again
}

TEST(Lookup, WaitsThroughOneLostPacketForIpv4) {
  Asking asking;
  asking.answer(aaaa, addresses({"2001:db8::1"}));
  asking.wait(1000ms);
  EXPECT_EQ(asking.sent, 3);  // asked again
  EXPECT_FALSE(asking.done());
  asking.answer(a, addresses({"192.0.2.1"}));
  EXPECT_EQ(texts(asking.outcome().resolution), "2001:db8::1 192.0.2.1 ");

  Asking alone;
  alone.answer(aaaa, addresses({"2001:db8::1"}));
  alone.wait(1000ms);
  alone.wait(500ms);
  EXPECT_EQ(texts(alone.outcome().resolution), "2001:db8::1 ");
}

TEST(Lookup, OneFamilyInTroubleDoesNotSpoilTheOther) {
  Asking asking;
  asking.fail(aaaa);
  asking.answer(a, addresses({"192.0.2.1"}));
  EXPECT_EQ(texts(asking.outcome().resolution), "192.0.2.1 ");
}

TEST(Lookup, ANameThatIsNotThereIsNotThereForAnyType) {
  Asking asking;
  asking.answer(a, none(Kind::no_name, 42));
  const auto outcome = asking.outcome();  // AAAA is not waited for
  EXPECT_TRUE(outcome.resolution.missing);
  EXPECT_EQ(outcome.ttl, 42s);
  EXPECT_EQ(outcome.resolution.error->message(), "dns: there is no name a.test (NXDOMAIN)");
}

// Some servers answer AAAA with NXDOMAIN for names that have an A record (RFC 4074 4.2).
TEST(Lookup, NoNameForIpv6AloneIsNotBelieved) {
  Asking asking;
  asking.answer(aaaa, none(Kind::no_name));
  EXPECT_FALSE(asking.done());
  asking.answer(a, addresses({"192.0.2.1"}));
  EXPECT_EQ(texts(asking.outcome().resolution), "192.0.2.1 ");
}

TEST(Lookup, ANameWithoutAddressesIsMissingForAsLongAsItsZoneSays) {
  for (const auto& [said_s, believed] :
       {std::pair{0U, 1s}, std::pair{30U, 30s}, std::pair{86'400U, 300s}}) {
    Asking asking;
    asking.answer(a, none(Kind::no_data, said_s));
    asking.answer(aaaa, none(Kind::no_data, 86'400));
    const auto outcome = asking.outcome();
    EXPECT_TRUE(outcome.resolution.missing);
    EXPECT_EQ(outcome.ttl, believed);
    EXPECT_EQ(outcome.resolution.error->message(), "dns: a.test has no address");
  }
}

TEST(Lookup, AServerThatFailsIsNotAskedAgain) {
  Asking asking{{"one", "two"}};
  asking.fail(a);
  asking.fail(aaaa);
  EXPECT_EQ(asking.last_a.server, 1U);
  EXPECT_EQ(asking.sent, 4);
  asking.fail(a, "REFUSED");
  asking.fail(aaaa, "REFUSED");
  const auto outcome = asking.outcome();
  EXPECT_EQ(outcome.resolution.error->message(), "dns: a.test: REFUSED from two");
  EXPECT_FALSE(outcome.resolution.missing);
  EXPECT_EQ(outcome.ttl, 1s);
}

TEST(Lookup, AServerThatCantBeReachedGivesWayToTheNext) {
  Asking asking{{"one", "two"}};
  asking.lookup.on_failure(0, "Could not contact DNS servers");
  asking.take();
  EXPECT_EQ(asking.last_a.server, 1U);
  EXPECT_EQ(asking.last_aaaa.server, 1U);  // the same is true for it
  asking.answer(a, addresses({"192.0.2.1"}));
  EXPECT_EQ(asking.lookup.answered_by(), 1U);
}

TEST(Lookup, ASilentServerIsAskedAgainInTheNextRound) {
  Asking asking{{"one", "two", "three"}, 1};
  std::vector<std::size_t> servers;
  std::vector<Millis> waits;
  for (int i = 0; i < 7; ++i) {
    servers.push_back(asking.last_a.server);
    const auto wait = std::chrono::ceil<Millis>(asking.lookup.deadline() - asking.now);
    waits.push_back(wait);
    asking.wait(wait);
  }
  EXPECT_EQ(servers, (std::vector<std::size_t>{1, 2, 0, 1, 2, 0, 1}));
  EXPECT_EQ(waits, (std::vector<Millis>{1s, 1s, 1s, 2s, 2s, 2s, 4s}));
  EXPECT_TRUE(asking.lookup.is_slow());
}

TEST(Lookup, GivesUpOnSilenceAfterAllRounds) {
  Asking asking;
  const Mono begun = asking.now;
  asking.stay_silent();
  EXPECT_EQ(asking.now - begun, 63s);
  EXPECT_EQ(asking.sent, 2 * limits::dns_rounds_max);
  EXPECT_EQ(asking.error(), "dns_timeout: no answer about a.test from one");
}

TEST(Lookup, SilenceOfAllButAFailureIsWaitedForAll) {
  Asking asking{{"one", "two"}};
  asking.wait(1000ms);  // one is silent; two fails; one has another chance
  asking.fail(a);
  EXPECT_EQ(asking.last_a.server, 0U);
  EXPECT_FALSE(asking.done());
  asking.answer(a, addresses({"192.0.2.1"}));
  asking.wait(50ms);
  EXPECT_EQ(texts(asking.outcome().resolution), "192.0.2.1 ");
}

TEST(Lookup, TakesAnAnswerThatComesAfterTheQuestionWasAskedAgain) {
  Asking asking{{"one", "two"}};
  const Query first = asking.last_a;
  asking.wait(1000ms);
  EXPECT_NE(asking.last_a.server, first.server);
  asking.lookup.on_answer(first, addresses({"192.0.2.1"}), asking.now);
  asking.answer(aaaa, none(Kind::no_data));
  EXPECT_EQ(texts(asking.outcome().resolution), "192.0.2.1 ");
}

TEST(Lookup, ALateFailureOfAnEarlierServerDoesNotEndTheTurnOfTheNext) {
  Asking asking{{"one", "two"}};
  const Query first = asking.last_a;
  asking.wait(1000ms);
  const int sent = asking.sent;
  asking.lookup.on_answer(first, {.kind = Kind::failed, .detail = "SERVFAIL"}, asking.now);
  asking.take();
  EXPECT_EQ(asking.sent, sent);
}

TEST(Lookup, FollowsAnAliasThatTheServerDidNot) {
  Asking asking;
  asking.answer(a, alias("b.test"));
  EXPECT_EQ(asking.last_a.name, "b.test");
  asking.answer(a, addresses({"192.0.2.1"}));
  asking.answer(aaaa, none(Kind::no_data));
  const auto outcome = asking.outcome();
  EXPECT_EQ(texts(outcome.resolution), "192.0.2.1 ");
  EXPECT_EQ(outcome.ttl, 30s);  // the alias's
}

TEST(Lookup, SaysWhichAliasLedNowhere) {
  Asking asking;
  asking.answer(a, alias("gone.test"));
  asking.answer(a, none(Kind::no_name));
  EXPECT_EQ(asking.error(), "dns: there is no name a.test (NXDOMAIN); it is an alias of gone.test");
}

TEST(Lookup, EndsALoopOfAliasesOverSeveralAnswers) {
  Asking asking;
  for (int i = 0; i < 100; ++i) asking.answer(a, alias(i % 2 == 0 ? "b.test" : "a.test"));
  EXPECT_LT(asking.sent, 25);
  asking.answer(aaaa, none(Kind::no_data));
  EXPECT_EQ(asking.error(), "dns: a.test: too many aliases (CNAME), or a loop of them");
}

TEST(Lookup, AnAliasOfNoHostsNameIsNotAskedFor) {
  Asking asking;
  asking.answer(a, alias("a\\046b.test"));
  asking.answer(aaaa, alias(""));
  EXPECT_EQ(asking.sent, 2);
  EXPECT_EQ(asking.error(), "dns: a.test: an alias of no host's name");
}

}  // namespace trawl::http::dns
