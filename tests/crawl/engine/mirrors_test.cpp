// Mirrors of one file: a race, a change in mid-file, checksums, and what each mirror has to pass.
#include "tests/crawl/engine/list_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>

namespace trawl::crawl {
namespace {

using testing::HasSubstr;

const std::string body = pattern(3 << 20);
constexpr std::size_t half = 2 << 20;

constexpr std::string_view gzip_of_hello{
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48"
    "\xcd\xc9\xc9\x07\x00\x86\xa6\x10\x36\x05\x00\x00\x00",
    25};

struct Mirrors {
  LoopbackServer a, b;

  std::string line(std::string_view more = {}) const {
    return fmt::format(R"({{"urls":["{}","{}"]{}}})", a.url("/f"), b.url("/f"), more);
  }
  static std::string sha256(std::string_view text) {
    return fmt::format(R"(,"sha256":"{}")", web::sha256_hex(text));
  }
  crawl::Record fetch(std::string_view more = {}) const {
    ListJob job{line(more)};
    job.spec.fetch.attempts = 1;
    MemoryStore store;
    CrawlRun run{job.spec, store};
    EXPECT_EQ(run.wait().reason, StopReason::done);
    EXPECT_EQ(store.totals().fetched + store.totals().failed + store.totals().excluded, 1u);
    return *store.record(a.url("/f"));
  }
};

TEST(Mirrors, TheFirstToAnswerServesTheFileAndTheOthersAreGivenUp) {
  Mirrors mirrors;
  mirrors.a.on("/f", support::never_answer());
  mirrors.b.on("/f", file(body));
  const auto begun = system_clock().now();
  const auto record = mirrors.fetch();
  EXPECT_LT(system_clock().now() - begun, std::chrono::seconds{5});
  EXPECT_EQ(record.url, mirrors.a.url("/f"));
  EXPECT_EQ(record.outcome.state, UrlState::fetched);
  EXPECT_EQ(record.outcome.digest, digest_of(body));
  EXPECT_EQ(record.outcome.served_by, mirrors.b.url("/f"));
}

TEST(Mirrors, ADeadOneAndOneWithoutTheFileAreNoAnswer) {
  Mirrors mirrors;
  mirrors.a.on("/f", Reply{.status = 404});
  mirrors.b.on("/f", Reply{.body = "it", .delay = Millis{100}});
  EXPECT_EQ(mirrors.fetch().outcome.served_by, mirrors.b.url("/f"));

  Mirrors dead;
  dead.a.on("/f", support::reset_before_head());
  dead.b.on("/f", Reply{.body = "it", .delay = Millis{100}});
  EXPECT_EQ(dead.fetch().outcome.digest, digest_of("it"));
}

TEST(Mirrors, WhereNobodyHasTheFileTheRecordSaysSo) {
  Mirrors without;
  without.a.on("/f", Reply{.status = 404});
  without.b.on("/f", support::reset_before_head());
  const auto answered = without.fetch();
  EXPECT_EQ(answered.outcome.state, UrlState::fetched);
  EXPECT_EQ(answered.outcome.status, 404);

  Mirrors dead;
  dead.a.on("/f", support::reset_before_head());
  dead.b.on("/f", support::reset_before_head());
  const auto failed = dead.fetch();
  EXPECT_EQ(failed.outcome.state, UrlState::failed);
  EXPECT_EQ(failed.outcome.error, Errc::reset);
}

TEST(Mirrors, AnotherGoesOnInMidFile) {
  Mirrors mirrors;
  mirrors.a.on("/f", broken_file(body, half, {{"ETag", "\"a\""}}));
  mirrors.b.on("/f", [](const SeenRequest& request) {
    const std::size_t first = first_byte(request);
    // It is the slower one, so that the first race is not its.
    if (first == 0) return support::never_answer();
    return rest_of(body, first, {{"ETag", "\"b\""}});
  });
  const auto record = mirrors.fetch();
  EXPECT_EQ(record.outcome.digest, digest_of(body));
  EXPECT_EQ(record.outcome.status, 200);
  EXPECT_EQ(record.outcome.served_by, mirrors.b.url("/f"));
  EXPECT_EQ(record.outcome.attempts, 1);
  const auto last = requests_for(mirrors.b, "/f").back();
  EXPECT_EQ(last.header("range"), fmt::format("bytes={}-", half));
  EXPECT_EQ(last.header("if-range"), "");  // a's ETag means nothing to b
}

TEST(Mirrors, AnotherLengthStartsAnew) {
  Mirrors mirrors;
  const std::string longer = body + "more";
  mirrors.a.on("/f", [&](const SeenRequest&) {
    mirrors.b.wait_for("/f", 1);  // which is the one that it doesn't answer
    return broken_file(body, half);
  });
  std::size_t asked = 0;
  mirrors.b.on("/f", [&](const SeenRequest& request) {
    if (asked++ == 0) return support::never_answer();
    const std::size_t first = first_byte(request);
    return first == 0 ? file(longer) : rest_of(longer, first, {});
  });
  const auto record = mirrors.fetch();
  EXPECT_EQ(record.outcome.state, UrlState::fetched);
  EXPECT_EQ(record.outcome.digest, digest_of(longer));
}

TEST(Mirrors, ADamagedFileIsReplacedByThatOfAnother) {
  Mirrors mirrors;
  std::string damaged = body;
  damaged[5] ^= 1;
  mirrors.a.on("/f", [&](const SeenRequest&) {
    mirrors.b.wait_for("/f", 1);  // or else that would be given up before it is sent
    return file(damaged);
  });
  std::size_t asked = 0;
  mirrors.b.on("/f", [&](const SeenRequest&) {
    return asked++ == 0 ? support::never_answer() : file(body);
  });
  const auto record = mirrors.fetch(Mirrors::sha256(body));
  EXPECT_EQ(record.outcome.state, UrlState::fetched);
  EXPECT_EQ(record.outcome.digest, digest_of(body));
  EXPECT_EQ(record.outcome.served_by, mirrors.b.url("/f"));
}

TEST(Mirrors, EachObeysItsRobots) {
  Mirrors mirrors;
  mirrors.a.on("/robots.txt", Reply{.body = "User-agent: *\nDisallow: /f"});
  mirrors.a.on("/f", file(body));
  mirrors.b.on("/f", file(body));
  EXPECT_EQ(mirrors.fetch().outcome.served_by, mirrors.b.url("/f"));
  EXPECT_EQ(mirrors.a.count("/f"), 0u);

  Mirrors other;
  other.b.on("/robots.txt", Reply{.body = "User-agent: *\nDisallow: /f"});
  other.a.on("/f", Reply{.body = "a", .delay = Millis{50}});
  EXPECT_EQ(other.fetch().outcome.served_by, other.a.url("/f"));
  EXPECT_EQ(other.b.count("/f"), 0u);

  Mirrors neither;
  for (LoopbackServer* server : {&neither.a, &neither.b})
    server->on("/robots.txt", Reply{.body = "User-agent: *\nDisallow: /f"});
  const auto record = neither.fetch();
  EXPECT_EQ(record.outcome.state, UrlState::excluded);
  EXPECT_EQ(record.outcome.error, Errc::robots);
}

// What is asked of it first is its robots.txt.
TEST(Mirrors, AFirstHostThatIsDownLeavesItToTheOthers) {
  Mirrors mirrors;
  mirrors.a.on("/robots.txt", support::reset_before_head());
  mirrors.b.on("/f", file(body));
  const auto record = mirrors.fetch();
  EXPECT_EQ(record.outcome.state, UrlState::fetched);
  EXPECT_EQ(record.outcome.digest, digest_of(body));
  EXPECT_EQ(record.outcome.served_by, mirrors.b.url("/f"));
  EXPECT_EQ(mirrors.a.count("/f"), 0u);

  Mirrors both;
  for (LoopbackServer* server : {&both.a, &both.b})
    server->on("/robots.txt", support::reset_before_head());
  const auto failed = both.fetch();
  EXPECT_EQ(failed.outcome.state, UrlState::failed);
  EXPECT_EQ(failed.outcome.error, Errc::reset);
}

TEST(Mirrors, ARedirectIsRelativeToTheOneThatGaveIt) {
  Mirrors mirrors;
  mirrors.a.on("/f", support::reset_before_head());
  mirrors.b.on("/f", support::redirect_to("/moved"));
  mirrors.b.on("/moved", Reply{.body = "it"});
  ListJob job{mirrors.line()};
  job.spec.fetch.attempts = 1;
  MemoryStore store;
  CrawlRun run{job.spec, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(store.record(mirrors.a.url("/f"))->outcome.redirect_to, mirrors.b.url("/moved"));
  ASSERT_TRUE(store.record(mirrors.b.url("/moved")));
  EXPECT_EQ(store.record(mirrors.b.url("/moved"))->outcome.state, UrlState::fetched);
  EXPECT_FALSE(store.record(mirrors.a.url("/moved")));
}

TEST(Mirrors, WhatAnotherAnswersSaysNothingOfTheFirstHostsHealth) {
  const auto health_after = [](Reply of_a, Reply of_b, std::string_view path_of_a = "/f") {
    Mirrors mirrors;
    mirrors.a.on(std::string{path_of_a}, std::move(of_a));
    mirrors.b.on("/f", std::move(of_b));
    ListJob job{mirrors.line()};
    job.spec.fetch.attempts = 1;
    job.spec.fetch.host_breaker = BreakerSpec{.failures = 5};
    MemoryStore store;
    CrawlRun run{job.spec, store};
    run.wait();
    return store.hosts().at(0).health.value_or(HealthRecord{});
  };
  // The first one says nothing, and the other is overloaded.
  const auto other = health_after(support::reset_before_head(), Reply{.status = 503});
  EXPECT_EQ(other.overloads_in_a_row, 0);
  EXPECT_EQ(other.failures_in_a_row, 1);
  const auto won =
      health_after(support::reset_before_head(), Reply{.body = "it", .delay = Millis{200}});
  EXPECT_EQ(won.failures_in_a_row, 1);
  const auto robots = health_after(support::reset_before_head(),
                                   Reply{.body = "it", .delay = Millis{200}}, "/robots.txt");
  EXPECT_EQ(robots.failures_in_a_row, 1);
  const auto own = health_after(Reply{.status = 503}, support::reset_before_head());
  EXPECT_EQ(own.overloads_in_a_row, 1);
}

TEST(Mirrors, TheGuardHoldsForEachOfThem) {
  Mirrors mirrors;
  mirrors.b.on("/f", file(body));
  ListJob job{mirrors.line()};
  job.spec.fetch.allow_private_networks.clear();
  job.spec.robots.policy = RobotsPolicy::ignore;
  MemoryStore store;
  CrawlRun run{job.spec, store};
  run.wait();
  EXPECT_EQ(store.record(mirrors.a.url("/f"))->outcome.error, Errc::private_address);
  EXPECT_EQ(mirrors.a.connections() + mirrors.b.connections(), 0u);
}

TEST(Checksum, AWrongBodyIsFetchedAfreshOnceAndThenFails) {
  LoopbackServer server;
  server.on("/f", file(body));
  ListJob job{
      fmt::format(R"({{"url":"{}","sha256":"{}"}})", server.url("/f"), web::sha256_hex("another"))};
  MemoryStore store;
  CrawlRun run{job.spec, store};
  run.wait();
  const auto record = *store.record(server.url("/f"));
  EXPECT_EQ(record.outcome.state, UrlState::failed);
  EXPECT_EQ(record.outcome.error, Errc::checksum);
  EXPECT_THAT(record.outcome.error_detail, HasSubstr(web::sha256_hex(body)));
  EXPECT_EQ(server.count("/f"), 2u);
}

// In memory and in a file, as sums of large data sets are published.
TEST(Checksum, AnyAlgorithmOfTheListIsCompared) {
  LoopbackServer server;
  const std::string small = "hello";
  for (const char* path : {"/small", "/large", "/wrong"}) server.on(path, file(body));
  server.on("/small", file(small));
  server.on("/coded",
            Reply{.headers = {{"Content-Encoding", "gzip"}}, .body = std::string{gzip_of_hello}});
  const auto line = [&](const char* path, std::string_view checksum) {
    return fmt::format(R"({{"url":"{}","checksum":"{}"}})", server.url(path), checksum) + "\n";
  };
  const auto sum = [](web::Hasher::Algorithm algorithm, std::string_view text) {
    web::Hasher hasher{algorithm};
    hasher.update(text);
    return fmt::format("{}:{}", web::to_string(algorithm), hasher.hex());
  };
  using enum web::Hasher::Algorithm;
  EXPECT_EQ(sum(md5, "hello"), "md5:5d41402abc4b2a76b9719d911017c592");
  ListJob job{line("/small", sum(md5, small)) + line("/large", sum(sha1, body)) +
              line("/wrong", sum(sha512, small)) + line("/coded", sum(md5, "hello"))};
  MemoryStore store;
  CrawlRun run{job.spec, store};
  run.wait();
  for (const char* path : {"/small", "/large", "/coded"}) {
    const auto outcome = store.record(server.url(path))->outcome;
    EXPECT_EQ(outcome.state, UrlState::fetched) << path << outcome.error_detail;
  }
  const auto wrong = store.record(server.url("/wrong"))->outcome;
  EXPECT_EQ(wrong.error, Errc::checksum);
  EXPECT_THAT(wrong.error_detail, HasSubstr("the body's sha512 is"));
  EXPECT_EQ(wrong.digest, digest_of(body));
}

// The digest of a coded body is known only when it has been read.
TEST(Checksum, ACodedBodyIsComparedDecodedAndOnlyWithAChecksum) {
  LoopbackServer server;
  const Reply coded{.headers = {{"Content-Encoding", "gzip"}}, .body = std::string{gzip_of_hello}};
  for (const char* path : {"/none", "/right", "/wrong", "/head"}) server.on(path, coded);
  const auto line = [&](const char* path, std::string_view more) {
    return fmt::format(R"({{"url":"{}"{}}})", server.url(path), more) + "\n";
  };
  ListJob job{line("/none", R"(,"headers":{"Accept-Language":"en"})") +
              line("/right", Mirrors::sha256("hello")) + line("/wrong", Mirrors::sha256("other")) +
              line("/head", R"(,"method":"HEAD")" + Mirrors::sha256("hello"))};
  MemoryStore store;
  CrawlRun run{job.spec, store};
  run.wait();
  std::map<std::string, Outcome> outcomes;
  for (const char* path : {"/none", "/right", "/wrong", "/head"})
    outcomes[path] = store.record(server.url(path))->outcome;
  for (const char* path : {"/none", "/right", "/head"}) {
    EXPECT_EQ(outcomes[path].state, UrlState::fetched) << path;
    EXPECT_EQ(outcomes[path].error, std::nullopt) << path << outcomes[path].error_detail;
  }
  EXPECT_EQ(outcomes["/wrong"].state, UrlState::failed);
  EXPECT_EQ(outcomes["/wrong"].error, Errc::checksum);
}

TEST(Checksum, ARightOneIsARecordAsAnyOther) {
  LoopbackServer server;
  server.on("/f", Reply{.body = "small"});
  server.on("/to", support::redirect_to("/f"));
  ListJob job{
      fmt::format(R"({{"url":"{}","sha256":"{}"}})", server.url("/to"), web::sha256_hex("small"))};
  MemoryStore store;
  CrawlRun run{job.spec, store};
  run.wait();
  EXPECT_EQ(store.record(server.url("/to"))->outcome.status, 302);
  EXPECT_EQ(store.record(server.url("/f"))->outcome.state, UrlState::fetched);
  EXPECT_EQ(store.record(server.url("/f"))->outcome.error, std::nullopt);
}

}  // namespace
}  // namespace trawl::crawl
