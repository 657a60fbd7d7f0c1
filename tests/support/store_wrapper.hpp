#pragma once
// A MemoryStore behind the interface, for stores that do one call in their own way.

#include "tests/support/memory_store.hpp"

#include <vector>

namespace trawl::test {

class StoreWrapper : public crawl::Store {
 public:
  std::vector<crawl::UrlId> apply(const crawl::StoreBatch& batch) override {
    return inner.apply(batch);
  }
  std::vector<crawl::QueuedUrl> queued(std::int64_t host, std::int64_t after,
                                       std::size_t max) override {
    return inner.queued(host, after, max);
  }
  std::vector<crawl::HostState> hosts() override { return inner.hosts(); }
  std::vector<std::int64_t> hosts_with_queue() override { return inner.hosts_with_queue(); }
  crawl::LaneSet lanes() override { return inner.lanes(); }
  std::vector<crawl::ArchiveMark> marks() override { return inner.marks(); }
  std::vector<crawl::PatternState> patterns() override { return inner.patterns(); }
  std::vector<crawl::PartUpdate> parts() override { return inner.parts(); }
  std::optional<crawl::RobotsState> robots(const std::string& origin) override {
    return inner.robots(origin);
  }
  std::optional<crawl::Outcome> result(crawl::UrlId id) override { return inner.result(id); }
  std::vector<crawl::RefusedUrl> refusals(crawl::UrlId after, std::size_t max_urls) override {
    return inner.refusals(after, max_urls);
  }
  std::optional<crawl::UrlId> requeue_outlinks(
      crawl::UrlId after, std::size_t max_urls,
      const std::function<bool(std::string_view url)>& is_outlink) override {
    return inner.requeue_outlinks(after, max_urls, is_outlink);
  }
  std::vector<crawl::QueuedUrl> requeue_left_out(crawl::UrlId after,
                                                 std::size_t max_urls) override {
    return inner.requeue_left_out(after, max_urls);
  }
  crawl::MadeSeeds make_seeds(const crawl::SeedRoles& roles,
                              const std::map<std::string, std::string>& meta) override {
    return inner.make_seeds(roles, meta);
  }
  bool requeue(crawl::Again which, std::size_t max_urls) override {
    return inner.requeue(which, max_urls);
  }
  std::optional<crawl::QueuedUrl> redirecting(crawl::UrlId from,
                                              std::uint64_t fingerprint) override {
    return inner.redirecting(from, fingerprint);
  }
  crawl::KnownHistory history(crawl::UrlId id) override { return inner.history(id); }
  bool schedule_recrawl(crawl::RecrawlInterval interval, std::size_t max_urls) override {
    return inner.schedule_recrawl(interval, max_urls);
  }
  std::optional<crawl::UrlId> bring_forward(const crawl::SitemapNews& news, crawl::UrlId after,
                                            Millis least, Wall now, std::size_t max) override {
    return inner.bring_forward(news, after, least, now, max);
  }
  bool queue_due(Wall now, std::size_t max_urls) override { return inner.queue_due(now, max_urls); }
  std::vector<web::Cookie> cookies() override { return inner.cookies(); }
  std::vector<web::HstsHost> hsts() override { return inner.hsts(); }
  crawl::StoreTotals totals() override { return inner.totals(); }
  std::uint64_t bytes_of_done() override { return inner.bytes_of_done(); }
  std::optional<std::string> meta(const std::string& key) override { return inner.meta(key); }
  void each_seed(const std::function<void(const crawl::KnownSeed&)>& visit) override {
    inner.each_seed(visit);
  }
  void each_url(const std::function<void(const crawl::KnownUrl&)>& visit) override {
    inner.each_url(visit);
  }

  MemoryStore inner;
};

}  // namespace trawl::test
