#pragma once
// The job's store in one SQLite file. Every call on the job's writer thread.

#include "core/crawl/state/store.hpp"
#include "storage/sqlite/cookie_table.hpp"
#include "storage/sqlite/db.hpp"
#include "storage/sqlite/health.hpp"
#include "storage/sqlite/history_table.hpp"
#include "storage/sqlite/hsts_table.hpp"
#include "storage/sqlite/names.hpp"
#include "storage/sqlite/request_table.hpp"
#include "storage/sqlite/result_notes.hpp"
#include "storage/sqlite/run_table.hpp"
#include "storage/sqlite/store_reader.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::storage {

// How far a database is, in figures that only grow.
struct CommitMark {
  std::int64_t next_seq = 0;
  std::uint64_t bytes_wire = 0;

  bool is_behind(const CommitMark& other) const {
    return next_seq < other.next_seq || bytes_wire < other.bytes_wire;
  }
};
CommitMark commit_mark(Db& db);

class SqliteStore final : public crawl::Store {
 public:
  // The caller holds the folder lock. Throws as open_for_writing().
  explicit SqliteStore(const std::filesystem::path& path);
  // db: from open_for_writing().
  explicit SqliteStore(Db db);

  // Rows are written in key order, whatever their order in the batch; the cost of a batch is then
  // the number of pages it touches. An id that the store doesn't know is a bug: Failure{internal}.
  // After Failure{disk_full} or a lock the same batch may be tried again. After a DeviceFailure
  // nothing that SQLite says can be believed: every later apply() throws it anew, and whether the
  // batch is there shows at the next start.
  std::vector<crawl::UrlId> apply(const crawl::StoreBatch& batch) override;
  CommitMark mark() const { return {progress_.next_seq, progress_.totals.bytes_wire}; }
  // Whether the record of another URL than this one names the file of files/. The first time that
  // it is asked of a file that some record named, the records get an index by file, which takes as
  // long as it takes to read them; from then on it is an indexed look-up.
  bool is_anothers_file(std::string_view file, std::string_view url);
  // Called after each durable batch.
  void on_commit(std::function<void(const CommitMark&)> listener) {
    committed_ = std::move(listener);
  }

  std::vector<crawl::QueuedUrl> queued(std::int64_t host, std::int64_t after_seq,
                                       std::size_t max_urls) override;
  std::vector<crawl::HostState> hosts() override;
  std::vector<std::int64_t> hosts_with_queue() override;
  crawl::LaneSet lanes() override { return lanes_; }
  std::vector<crawl::PatternState> patterns() override;
  std::vector<crawl::ArchiveMark> marks() override;
  std::vector<crawl::PartUpdate> parts() override;
  std::optional<crawl::RobotsState> robots(const std::string& origin) override;
  std::unique_ptr<crawl::StoreReader> reader() const override;
  std::optional<crawl::Outcome> result(crawl::UrlId id) override;
  std::vector<crawl::RefusedUrl> refusals(crawl::UrlId after, std::size_t max_urls) override;
  bool requeue(crawl::Again which, std::size_t max_urls) override;
  std::vector<crawl::QueuedUrl> requeue_left_out(crawl::UrlId after, std::size_t max_urls) override;
  crawl::MadeSeeds make_seeds(const crawl::SeedRoles& roles,
                              const std::map<std::string, std::string>& meta) override;
  std::optional<crawl::UrlId> requeue_outlinks(
      crawl::UrlId after, std::size_t max_urls,
      const std::function<bool(std::string_view url)>& is_outlink) override;
  // As storage::queue_whole(), in a transaction; how many are queued by it.
  std::uint64_t queue_whole(std::span<const crawl::UrlId> ids, bool forgotten = false);
  std::optional<crawl::QueuedUrl> redirecting(crawl::UrlId from,
                                              std::uint64_t fingerprint) override;
  crawl::KnownHistory history(crawl::UrlId id) override;
  bool schedule_recrawl(crawl::RecrawlInterval interval, std::size_t max_urls) override;
  std::optional<crawl::UrlId> bring_forward(const crawl::SitemapNews& news, crawl::UrlId after,
                                            Millis least, Wall now, std::size_t max_urls) override;
  bool queue_due(Wall now, std::size_t max_urls) override;
  crawl::StoreTotals totals() override;
  std::uint64_t bytes_of_done() override;
  std::optional<std::string> meta(const std::string& key) override;
  std::vector<web::Cookie> cookies() override;
  std::vector<web::HstsHost> hsts() override;
  void each_seed(const std::function<void(const crawl::KnownSeed&)>& visit) override;
  void each_url(const std::function<void(const crawl::KnownUrl&)>& visit) override;

 private:
  // 16 MiB of log: rare enough that hot pages are written to the file once for many commits.
  static constexpr int checkpoint_wal_pages = 4096;

  // The row of `progress`.
  struct Progress {
    std::int64_t next_seq = 1;
    crawl::StoreTotals totals;
    std::int64_t commits = 0;
  };

  // Runs a transaction; after a failure of the device nothing more.
  template <class F>
  auto guarded(F&& transaction) {
    if (broken_) throw Failure(*broken_);
    try {
      return transaction();
    } catch (const DeviceFailure& failure) {
      broken_ = failure.error();
      throw;
    }
  }
  // One piece of a round, in a transaction of its own.
  template <class Step>
  bool run_step(Step&& step);
  std::vector<crawl::UrlId> commit(const crawl::StoreBatch& batch);
  std::vector<crawl::UrlId> write_admitted(const std::vector<crawl::NewUrl>& admitted,
                                           Progress& progress);
  void insert_url(const crawl::NewUrl& url, crawl::UrlId id);
  crawl::LaneSet read_lanes();
  crawl::LaneSet write_lanes(const std::vector<crawl::UrlId>& ids);
  void drop_excluded(crawl::UrlId id, Progress& progress);
  void write_updates(const std::vector<crawl::UrlUpdate>& updates, Progress& progress);
  void write_state(const crawl::UrlUpdate& update, Progress& progress);
  void write_result(const crawl::UrlUpdate& update, std::int64_t commit);
  bool write_result(Statement& statement, const crawl::UrlUpdate& update, std::int64_t commit);
  void write_rest(const crawl::StoreBatch& batch);
  void write_progress(const Progress& progress);
  Progress read_progress();

  Db db_;
  Names hosts_;
  Names files_;
  ResultNotes notes_;
  CookieTable cookies_;
  HstsTable hsts_;
  RunTable runs_;
  RequestTable requests_;
  PartTable parts_;
  HistoryTable history_;
  Statement insert_url_;
  std::function<void(const CommitMark&)> committed_;
  Statement delete_excluded_;
  Statement finish_queued_;  // a URL that was queued: nearly every update
  Statement state_of_;
  Statement update_any_;
  Statement insert_result_;
  Statement replace_result_;
  Statement bury_result_;
  Statement delete_result_;
  Statement update_host_;
  HealthTable health_;
  Statement upsert_robots_;
  Statement upsert_pattern_;
  Statement update_mark_;
  Statement upsert_meta_;
  Statement update_progress_;
  Statement select_queued_;
  Statement select_redirecting_;
  Statement select_robots_;
  Statement select_meta_;
  std::optional<Statement> select_of_file_;
  ResultTable results_;
  Progress progress_;         // as committed
  crawl::LaneSet lanes_ = 0;  // as committed, without lane 0
  bool has_begun_epoch_ = false;
  crawl::UrlId scheduled_;       // how far schedule_recrawl() has come
  std::optional<Error> broken_;  // the device failed; what is on it is unknown
};

}  // namespace trawl::storage
