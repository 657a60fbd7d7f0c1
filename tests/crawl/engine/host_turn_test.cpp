// Requests to hosts that no frontier leased, hops of robots.txt and mirrors: their turns among
// those of jobs, and that nobody waits for ever.
#include "core/crawl/hosts/host_turn.hpp"

#include "tests/crawl/engine/polite_run.hpp"

#include <utility>

namespace trawl::crawl {
namespace {

std::uint64_t store_fetched(CrawlRun& run) {
  return run.crawler().progress().totals.fetched;
}

// Requests that no frontier leased: hops of robots.txt, and mirrors.
std::vector<Mono> spaced_times(const LoopbackServer& server, Millis least) {
  const auto times = times_of({&server});
  for (std::size_t i = 1; i < times.size(); ++i) EXPECT_GE(times[i] - times[i - 1], least) << i;
  EXPECT_EQ(server.at_once_max(), 1U);
  return times;
}

TEST(HostTurns, RobotsThatRedirectToAnotherHostWaitForATurnThere) {
  LoopbackServer target, from;
  target.otherwise([](const SeenRequest&) { return Reply{.body = "page", .delay = Millis{20}}; });
  from.on("/robots.txt", support::redirect_to(target.url("/shared.txt")));
  from.on("/f0", Reply{.body = "page"});
  const auto busy = list_job(target, "t", 8, Millis{100});
  auto other = list_job(from, "f", 1, Millis{100});
  PolitenessBuckets buckets;
  MemoryStore store, other_store;
  CrawlRun run{busy, store, &buckets};
  wait_until([&] { return target.count("/t1") > 0; });
  CrawlRun other_run{other, other_store, &buckets};
  EXPECT_EQ(other_run.wait().reason, StopReason::done);
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(other_store.record(from.url("/f0"))->outcome.state, UrlState::fetched);
  EXPECT_EQ(target.count("/shared.txt"), 1U);
  EXPECT_EQ(spaced_times(target, Millis{119}).size(), 10U);
}

TEST(HostTurns, OneRobotsTxtThatManyHostsRedirectToIsAskedForOnce) {
  LoopbackServer target, from[6];
  target.on("/robots.txt", Reply{.body = "User-agent: *\nDisallow: /no\n", .delay = Millis{50}});
  auto job = list_job(target, "", 0, Millis{100});
  for (auto& server : from) {
    server.on("/robots.txt", support::redirect_to(target.url("/robots.txt")));
    for (const auto* path : {"/yes", "/no"}) {
      server.on(path, Reply{.body = "page"});
      job.seeds.urls.push_back(server.url(path));
    }
  }
  job.output.shards = 1;
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(store.totals().fetched, 6U);
  EXPECT_EQ(store.totals().excluded, 6U);
  EXPECT_EQ(target.count("/robots.txt"), 1U);
  job.seeds.urls = {target.url("/no")};
  CrawlRun later{job, store};
  EXPECT_EQ(later.wait().reason, StopReason::done);
  EXPECT_EQ(store.totals().excluded, 7U);
  EXPECT_EQ(target.count("/robots.txt"), 1U) << "it is known";
}

// Parked names, say: all redirect to one host, each to a URL of its own.
TEST(HostTurns, ACrowdAtOneHostLeavesPlacesForOthers) {
  constexpr int crowd = 12;
  LoopbackServer busy, good, from[crowd];
  busy.otherwise([](const SeenRequest&) { return Reply{.body = ""}; });
  good.otherwise([](const SeenRequest&) { return Reply{.body = "page"}; });
  auto job = list_job(good, "g", 4, Millis{500});
  for (int i = 0; i < crowd; ++i) {
    from[i].on("/robots.txt", support::redirect_to(busy.url(fmt::format("/{}.txt", i))));
    from[i].on("/page", Reply{.body = "page"});
    job.seeds.urls.insert(job.seeds.urls.begin(), from[i].url("/page"));
  }
  MemoryStore store;
  CrawlRun run{job, store};
  const auto count_from = [&from](std::string_view path) {
    std::size_t count = 0;
    for (const auto& server : from) count += server.count(path);
    return count;
  };
  wait_until([&] { return good.count() == 5 && busy.count() == 5; });
  wait_until([&] { return count_from("/page") == 5; });
  run.crawler().stop();
  EXPECT_EQ(run.wait().reason, StopReason::interrupted);
  EXPECT_EQ(count_from("/robots.txt"), std::size_t{crowd}) << "none asks again so soon";
  EXPECT_EQ(busy.count(), 5U) << "one went at once and four waited";
  EXPECT_EQ(store.totals().queued, std::uint64_t{crowd - 5});
  EXPECT_EQ(store.totals().fetched, 9U);
  for (const auto& server : from) EXPECT_LE(store.record(server.url("/page"))->outcome.attempts, 1);
}

TEST(HostTurns, AHostThatAsksForAnHourHoldsUpNeitherHopsNorMirrorsNorOthers) {
  LoopbackServer later, good, from[6];
  later.otherwise([](const SeenRequest&) {
    return Reply{.status = 429, .headers = {{"Retry-After", "3600"}}};
  });
  good.otherwise([](const SeenRequest&) { return Reply{.body = "page"}; });
  std::string lines;
  for (int i = 0; i < 4; ++i)
    lines += fmt::format("{{\"urls\":[\"{}\",\"{}\"]}}\n", good.url(fmt::format("/g{}", i)),
                         later.url(fmt::format("/g{}", i)));
  ListJob list{lines};
  list.spec.politeness = list_job(good, "", 0, Millis{50}).politeness;
  list.spec.fetch.concurrency = 4;
  for (auto& server : from) {
    server.on("/robots.txt", support::redirect_to(later.url("/robots.txt")));
    list.spec.seeds.urls.push_back(server.url("/page"));
  }
  MemoryStore store;
  CrawlRun run{list.spec, store};
  wait_until([&] { return store_fetched(run) == 4; });
  run.crawler().stop();
  EXPECT_EQ(run.wait().reason, StopReason::interrupted);
  EXPECT_EQ(later.count(), 1U);
}

// Each holds the place of its own host and wants that of the other's.
TEST(HostTurns, RobotsThatRedirectToEachOtherDoNotWaitForEver) {
  LoopbackServer one, other;
  for (auto [server, to] : {std::pair{&one, &other}, std::pair{&other, &one}}) {
    server->on("/robots.txt", [=](const SeenRequest&) {
      Reply reply = support::redirect_to(to->url("/shared.txt"));
      reply.delay = Millis{200};  // both are on their way
      return reply;
    });
    server->on("/shared.txt", Reply{.body = "User-agent: *\nDisallow: /p1\n"});
    server->on("/p0", Reply{.body = "page"});
  }
  auto job = list_job(one, "p", 2, Millis{50});
  for (int i = 0; i < 2; ++i) job.seeds.urls.push_back(other.url(fmt::format("/p{}", i)));
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(store.totals().fetched, 2U);
  EXPECT_EQ(store.totals().excluded, 2U);
  for (const auto* server : {&one, &other}) spaced_times(*server, Millis{49});
}

// It holds the place of its own host for as long as the robots.txt of its mirror takes.
TEST(HostTurns, AVisitThatSendsLateKeepsItsDistanceToThoseWhoHadNoPatience) {
  LoopbackServer own, mirror, hops[3];
  own.otherwise([](const SeenRequest&) { return Reply{.body = ""}; });
  mirror.on("/robots.txt", Reply{.body = "", .delay = HostTurn::patience + Millis{1500}});
  mirror.on("/file", support::never_answer());
  ListJob list{fmt::format(R"({{"urls":["{}","{}"]}})", own.url("/file"), mirror.url("/file"))};
  list.spec.politeness = list_job(own, "", 0, Millis{1000}).politeness;
  for (auto& hop : hops) {
    hop.on("/robots.txt", [&own](const SeenRequest&) {
      Reply reply = support::redirect_to(own.url("/shared.txt"));
      reply.delay = Millis{1200};  // by then the visit has its turn
      return reply;
    });
    hop.on("/page", Reply{.body = "page"});
    list.spec.seeds.urls.push_back(hop.url("/page"));
  }
  MemoryStore store;
  CrawlRun run{list.spec, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(store.totals().fetched, 4U);
  EXPECT_EQ(own.count("/shared.txt"), 3U);
  spaced_times(own, Millis{999});
}

TEST(HostTurns, MirrorsWaitForATurnAtTheirHosts) {
  LoopbackServer mirror, own;
  mirror.otherwise([](const SeenRequest&) { return Reply{.body = "page", .delay = Millis{20}}; });
  own.on("/file", Reply{.status = 404});
  const auto busy = list_job(mirror, "m", 8, Millis{100});
  ListJob list{fmt::format(R"({{"urls":["{}","{}"]}})", own.url("/file"), mirror.url("/file"))};
  list.spec.politeness = busy.politeness;
  PolitenessBuckets buckets;
  MemoryStore store, other_store;
  CrawlRun run{busy, store, &buckets};
  wait_until([&] { return mirror.count("/m1") > 0; });
  CrawlRun other_run{list.spec, other_store, &buckets};
  EXPECT_EQ(other_run.wait().reason, StopReason::done);
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(other_store.record(own.url("/file"))->outcome.served_by, mirror.url("/file"));
  EXPECT_EQ(spaced_times(mirror, Millis{119}).size(), 11U);  // robots.txt twice
}

}  // namespace
}  // namespace trawl::crawl
