#pragma once
// A Store in memory, for tests of the crawler. It keeps the contract of tests/contract and is what
// SqliteStore is compared with.

#include "core/crawl/state/store.hpp"

#include <atomic>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace trawl::test {

class MemoryStore final : public crawl::Store {
 public:
  std::vector<crawl::UrlId> apply(const crawl::StoreBatch& batch) override;
  std::vector<crawl::QueuedUrl> queued(std::int64_t host, std::int64_t after_seq,
                                       std::size_t max_urls) override;
  std::vector<crawl::HostState> hosts() override;
  std::vector<std::int64_t> hosts_with_queue() override;
  crawl::LaneSet lanes() override;
  std::vector<crawl::PatternState> patterns() override;
  std::vector<crawl::ArchiveMark> marks() override { return state_.marks; }
  std::vector<crawl::PartUpdate> parts() override;
  std::optional<crawl::RobotsState> robots(const std::string& origin) override;
  std::optional<crawl::Outcome> result(crawl::UrlId id) override;
  std::vector<crawl::RefusedUrl> refusals(crawl::UrlId after, std::size_t max_urls) override;
  std::optional<crawl::UrlId> requeue_outlinks(
      crawl::UrlId after, std::size_t max_urls,
      const std::function<bool(std::string_view url)>& is_outlink) override;
  bool requeue(crawl::Again which, std::size_t max_urls) override;
  std::vector<crawl::QueuedUrl> requeue_left_out(crawl::UrlId after, std::size_t max_urls) override;
  crawl::MadeSeeds make_seeds(const crawl::SeedRoles& roles,
                              const std::map<std::string, std::string>& meta) override;
  std::optional<crawl::QueuedUrl> redirecting(crawl::UrlId from,
                                              std::uint64_t fingerprint) override;
  crawl::KnownHistory history(crawl::UrlId id) override;
  bool schedule_recrawl(crawl::RecrawlInterval interval, std::size_t max_urls) override;
  std::optional<crawl::UrlId> bring_forward(const crawl::SitemapNews& news, crawl::UrlId after,
                                            Millis least, Wall now, std::size_t max_urls) override;
  bool queue_due(Wall now, std::size_t max_urls) override;
  crawl::StoreTotals totals() override;
  std::uint64_t bytes_of_done() override;
  std::vector<crawl::RunRecord> runs() const {  // by their beginning
    std::vector<crawl::RunRecord> runs;
    for (const auto& [began, run] : state_.runs) runs.push_back(run);
    return runs;
  }
  std::optional<std::string> meta(const std::string& key) override;
  std::vector<web::Cookie> cookies() override { return state_.cookies; }
  std::vector<web::HstsHost> hsts() override;
  void each_seed(const std::function<void(const crawl::KnownSeed&)>& visit) override;
  void each_url(const std::function<void(const crawl::KnownUrl&)>& visit) override;

  // The next calls of apply() throw this, and store nothing. Before the store is used.
  void fail_next(Error error, int times = 1) {
    next_failure_ = std::move(error);
    failures_left_ = times;
  }
  // Any thread.
  void fail_again(int times) { failures_left_ = times; }
  int failures_left() const { return failures_left_; }
  // The record of a URL, as `results` would show it.
  std::optional<crawl::Record> record(std::string_view url) const;
  std::size_t commits() const { return commits_; }

 private:
  struct Row {
    crawl::NewUrl url;
    crawl::Outcome outcome;
    std::int64_t due_ms = 0;
    std::optional<crawl::PageHistory> history;
  };
  struct State {
    std::map<crawl::UrlId, Row> rows;
    std::vector<crawl::HostState> hosts;  // the id is the place, from 1
    std::map<std::string, std::int64_t, std::less<>> host_ids;
    std::vector<crawl::RobotsState> robots;
    std::vector<crawl::ArchiveMark> marks;
    std::map<crawl::UrlId, crawl::KeptPart> parts;
    std::map<std::pair<std::int64_t, std::string>, crawl::PatternState> patterns;
    std::map<std::string, std::string> meta;
    std::map<std::int64_t, crawl::RunRecord> runs;
    std::vector<web::Cookie> cookies;
    std::map<std::string, web::HstsHost> hsts;
    crawl::UrlId requeued;                       // how far a round has come
    crawl::Again again = crawl::Again::nothing;  // what it is of
    std::int64_t next_seq = 1;
    std::uint64_t bytes_wire = 0;
  };

  static bool was_refused(const crawl::Outcome& outcome);
  static bool is_left_out(const crawl::Outcome& outcome);
  void bring_nearer(const std::map<crawl::UrlId, bool>& seeds);
  bool is_excluded(crawl::UrlId id) const;
  bool is_fetched(crawl::UrlId id) const;
  static crawl::UrlId admit(State& state, const crawl::NewUrl& url);
  static void update(State& state, const crawl::UrlUpdate& update);
  static void change(State& state, const web::CookieChange& change);

  State state_;
  Error next_failure_;
  std::atomic<int> failures_left_ = 0;
  std::size_t commits_ = 0;
};

}  // namespace trawl::test
