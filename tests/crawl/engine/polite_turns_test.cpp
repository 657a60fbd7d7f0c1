// Turns that are waited for: the rules that serve them, how far apart they are when several are in
// flight, and a stop meanwhile. Over sockets, on the system's clock.
#include "core/web/url/host.hpp"
#include "core/web/url/url.hpp"
#include "tests/crawl/engine/polite_run.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace trawl::crawl {
namespace {

BucketKeys keys_of(const LoopbackServer& server) {
  return bucket_keys(web::host_key(*web::Url::parse(server.url())));
}

void expect_starts_apart(const LoopbackServer& server, Millis least) {
  const auto times = times_of({&server});
  for (std::size_t i = 1; i < times.size(); ++i) EXPECT_GE(times[i] - times[i - 1], least) << i;
}

// However many others have theirs before it.
TEST(PoliteTurns, TheRulesServeTheTurnThatWaitedForThemHoweverLateItComes) {
  PolitenessBuckets buckets;
  LoopbackServer server;
  server.on("/robots.txt", [&](const SeenRequest&) {
    buckets.hold(keys_of(server), system_clock().now() + Millis{2'500});
    return Reply{.body = "User-agent: *\nCrawl-delay: 0.1\nDisallow: /p1\n"};
  });
  server.on("/p0", Reply{.body = "page"});
  auto job = list_job(server, "p", 1, Millis{0});
  job.robots.ttl = Millis{1};
  MemoryStore store;
  CrawlRun run{job, store, &buckets};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(store.totals().fetched, 1U);
  EXPECT_EQ(server.count("/robots.txt"), 1U);
}

// Each reads its robots.txt anew and yields its turn to it.
TEST(PoliteTurns, SeveralAtOnceStartAsFarApartAsTheHostAskedFor) {
  LoopbackServer server;
  server.on("/robots.txt", Reply{.body = "User-agent: *\nCrawl-delay: 0.3\n"});
  server.otherwise([](const SeenRequest& request) {
    return Reply{.body = "page", .delay = Millis{request.path == "/p3" ? 2'000 : 500}};
  });
  auto job = list_job(server, "p", 7, Millis{0});
  job.politeness.per_host = 2;
  job.robots.ttl = Millis{1};
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(store.totals().fetched, 7U);
  expect_starts_apart(server, Millis{290});
}

TEST(PoliteTurns, TwoJobsStartAsFarApartAsTheHostAskedFor) {
  LoopbackServer server;
  server.on("/robots.txt", Reply{.body = "User-agent: *\nCrawl-delay: 0.3\n"});
  server.otherwise([](const SeenRequest&) { return Reply{.body = "page", .delay = Millis{500}}; });
  auto job = list_job(server, "p", 4, Millis{50}), other = list_job(server, "q", 4, Millis{50});
  job.politeness.per_host = other.politeness.per_host = 2;
  PolitenessBuckets buckets;
  MemoryStore store, other_store;
  CrawlRun run{job, store, &buckets};
  CrawlRun other_run{other, other_store, &buckets};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(other_run.wait().reason, StopReason::done);
  EXPECT_EQ(server.count(), 10U);
  expect_starts_apart(server, Millis{290});
}

// A mirror, and a hop of robots.txt to its host.
TEST(PoliteTurns, NoneIsTakenAfterAStopAndTheUrlsStayQueued) {
  PolitenessBuckets buckets;
  LoopbackServer own, mirror, from;
  own.otherwise([](const SeenRequest&) { return Reply{.status = 404}; });
  const auto hold = [&] { buckets.hold(keys_of(mirror), system_clock().now() + Millis{3'000}); };
  mirror.on("/robots.txt", [&](const SeenRequest&) {
    hold();
    return Reply{.status = 404};
  });
  mirror.otherwise([](const SeenRequest&) { return Reply{.body = "it"}; });
  from.on("/robots.txt", [&](const SeenRequest&) {
    mirror.wait_for("/robots.txt", 1);
    hold();
    return support::redirect_to(mirror.url("/shared.txt"));
  });
  ListJob list{fmt::format(R"({{"urls":["{}","{}"]}})", own.url("/f"), mirror.url("/f"))};
  list.spec.politeness = list_job(own, "", 0, Millis{0}).politeness;
  list.spec.seeds.urls.push_back(from.url("/page"));
  list.spec.grace = Millis{10'000};
  MemoryStore store;
  CrawlRun run{list.spec, store, &buckets};
  wait_until([&] { return own.count("/f") == 1 && from.count() == 1 && mirror.count() == 1; });
  std::this_thread::sleep_for(Millis{200});  // they wait by now
  const auto stopped = system_clock().now();
  run.crawler().stop();
  EXPECT_EQ(run.wait().reason, StopReason::interrupted);
  EXPECT_LT(system_clock().now() - stopped, Millis{2'000});
  EXPECT_EQ(mirror.count(), 1U);
  EXPECT_EQ(store.totals().queued, 2U);
  for (const std::string& url : {own.url("/f"), from.url("/page")})
    EXPECT_EQ(store.record(url)->outcome.attempts, 0) << url;
}

// While it waited for robots.txt another job asked beside it.
TEST(PoliteTurns, OneThatIsLateIsNotWaitedForAtAStop) {
  PolitenessBuckets buckets;
  PolitenessBuckets::Member other{buckets, [] {}};
  LoopbackServer server;
  server.on("/robots.txt", [&](const SeenRequest&) {
    const BucketLimits limits{.per_host = 2};
    const auto refusal = buckets.squeeze_in(other, keys_of(server), limits, system_clock().now());
    EXPECT_FALSE(refusal);
    buckets.release(keys_of(server), limits, system_clock().now(), Mono::min());
    buckets.hold(keys_of(server), system_clock().now() + Millis{5'000});
    return Reply{.status = 404};
  });
  server.otherwise([](const SeenRequest&) { return Reply{.body = "page"}; });
  auto job = list_job(server, "p", 1, Millis{0});
  job.grace = Millis{10'000};
  MemoryStore store;
  CrawlRun run{job, store, &buckets};
  wait_until([&] { return server.count("/robots.txt") == 1; });
  std::this_thread::sleep_for(Millis{200});  // it waits by now
  const auto stopped = system_clock().now();
  run.crawler().stop();
  EXPECT_EQ(run.wait().reason, StopReason::interrupted);
  EXPECT_LT(system_clock().now() - stopped, Millis{2'000});
  EXPECT_EQ(server.count("/p0"), 0U);
  EXPECT_EQ(store.totals().queued, 1U);
}

}  // namespace
}  // namespace trawl::crawl
