// A crawl follows what headers, feeds and JSON-LD link to, obeys robots directives of page and
// header, and records them.
#include "tests/crawl/engine/crawl_run.hpp"

#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

using support::LoopbackServer;
using support::Reply;
using test::MemoryStore;

// Crawls from the server's home page; true for each path that was fetched.
class Site {
 public:
  LoopbackServer server;
  MemoryStore store;
  JobSpec job = impatient_job({server.url()});

  void crawl() {
    CrawlRun run{job, store};
    EXPECT_EQ(run.wait().reason, StopReason::done);
  }
  bool fetched(const std::string& path) const { return server.count(path) > 0; }
};

TEST(LinksOfAllKinds, HeadersFeedsAndJsonLdAreFollowed) {
  Site site;
  site.server.on("/", Reply{.headers = {{"Link",
                                         "</feed>; rel=alternate; type=\"application/"
                                         "rss+xml\", </hint>; rel=preconnect"}},
                            .body = R"(<script type="application/ld+json">{"url": "/ld",
                                       "sameAs": "/same", "image": {"url": "/ld.png"}}</script>)"});
  site.server.on(
      "/feed",
      Reply{.body = R"(<rss><channel><item><link>/item</link><enclosure url="/item.mp3"/></item>
                       <atom:link rel="next" href="/feed.json" xmlns:atom="http://www.w3.org/2005/Atom"/>
                       </channel></rss>)",
            .content_type = "text/xml"});
  site.server.on("/feed.json", Reply{.body = R"({"version": "https://jsonfeed.org/version/1.1",
                                   "items": [{"url": "/json-item"}]})",
                                     .content_type = "application/json"});
  site.server.on("/item", Reply{.headers = {{"Refresh", "0; url=/refreshed"}}, .body = "text"});
  site.crawl();
  for (const char* path :
       {"/feed", "/ld", "/ld.png", "/item", "/item.mp3", "/feed.json", "/json-item", "/refreshed"})
    EXPECT_TRUE(site.fetched(path)) << path;
  EXPECT_FALSE(site.fetched("/hint"));
  EXPECT_FALSE(site.fetched("/same"));
}

TEST(LinksOfAllKinds, NofollowHoldsAndNoindexIsRecorded) {
  Site site;
  site.server.on(
      "/", Reply{.headers = {{"X-Robots-Tag", "otherbot: nofollow"}, {"X-Robots-Tag", "noindex"}},
                 .body = "<a href=/one>x</a><a href=/both rel=nofollow>x</a>"});
  site.server.on("/one", Reply{.headers = {{"X-Robots-Tag", "Trawl: nofollow"}},
                               .body = "<a href=/hidden>x</a><img src=/shown.png>"});
  site.crawl();
  EXPECT_TRUE(site.fetched("/one"));
  EXPECT_TRUE(site.fetched("/shown.png"));
  EXPECT_FALSE(site.fetched("/hidden"));
  EXPECT_FALSE(site.fetched("/both"));
  EXPECT_EQ(site.store.record(site.server.url())->outcome.robots_meta, "noindex");
  EXPECT_EQ(site.store.record(site.server.url("/one"))->outcome.robots_meta, "nofollow");
  EXPECT_FALSE(site.store.record(site.server.url("/hidden")));
}

TEST(LinksOfAllKinds, WithoutRobotsMetaAllIsFollowedAndStillRecorded) {
  Site site;
  site.job.robots.meta = false;
  site.server.on("/", Reply{.headers = {{"X-Robots-Tag", "none"}}, .body = "<a href=/x>x</a>"});
  site.crawl();
  EXPECT_TRUE(site.fetched("/x"));
  EXPECT_EQ(site.store.record(site.server.url())->outcome.robots_meta, "noindex,nofollow");
}

}  // namespace
}  // namespace trawl::crawl
