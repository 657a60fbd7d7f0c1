#pragma once
// Committer: the durability protocol of a job. Everything that must outlive a crash goes through
// here, in one order: archive records, then fdatasync, then one transaction of the store, and only
// then back to whoever waits. One writer thread; group commit: what gathers while a commit runs
// goes into the next one. A full disk is waited for: the batch at hand is kept and tried again.

#include "core/base/metrics.hpp"
#include "core/coro/task.hpp"
#include "core/coro/worker.hpp"
#include "core/crawl/engine/cookies.hpp"
#include "core/crawl/engine/memory_budget.hpp"
#include "core/crawl/engine/transport_security.hpp"
#include "core/crawl/scope/print_set.hpp"
#include "core/crawl/state/archive.hpp"
#include "core/crawl/state/seen.hpp"
#include "core/crawl/state/store.hpp"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace trawl::crawl {

// What one step of the crawl contributes to a transaction.
struct Commit {
  // Those already known are dropped, but for one thing: what was refused for its depth alone is
  // admitted when it turns up nearer to a seed.
  std::vector<NewUrl> admitted;
  std::optional<UrlUpdate> update;
  std::optional<QueuedUrl> again;      // as redirecting() has it: is queued once more
  std::unique_ptr<Prepared> archived;  // its position goes into the update's outcome
  std::optional<HostState> host;
  std::optional<RobotsState> robots;
  std::optional<PartUpdate> part;
  std::vector<PatternState> patterns;
  std::map<std::string, std::string> meta;
  std::optional<RunRecord> run = {};
};

// An admitted URL that was new and is queued now.
struct Published {
  std::string host;  // key
  QueuedUrl url;
  bool again = false;  // it is not new, and is queued once more
};

class Committer {
 public:
  // archive: absent when no bodies are kept. retry_first: the first wait for room on a full disk.
  Committer(Store& store, Archive* archive, Millis retry_first = Millis{250});

  // Before open(). Called on the writer thread when the disk is full (with the reason) and when it
  // takes writes again (without).
  using OnStall = std::function<void(const std::optional<Error>& why)>;
  void on_stall(OnStall listener) { on_stall_ = std::move(listener); }

  // Before open(). Called on the writer thread, before the commit is done, when where something of
  // depth 0 redirects is known already.
  void on_known_hop(std::function<void()> listener) { on_known_hop_ = std::move(listener); }

  // Before open(): what changes in the jar goes into each transaction.
  void keep_cookies(SharedCookies& cookies) { cookies_ = &cookies; }
  void keep_security(TransportSecurity& security) { security_ = &security; }

  // Before open(): what is known of URLs stays within a part of the budget, the rest of it goes to
  // files in the folder.
  void bound_memory(MemoryBudget& budget, const std::filesystem::path& folder);

  // Start-up, before any other call: cuts the archive back to what is committed and fills the seen
  // filter. Throws Failure.
  coro::Task<> open();

  // After open(), before anything is leased. Whether an earlier run began to queue what was fetched
  // or failed again; and the next piece of that, as Store::requeue().
  coro::Task<bool> requeue_begun();
  coro::Task<bool> requeue(Again which);
  // After open(), before anything is leased: of those URLs that are known the ones that are no
  // seeds become some, as by Store::make_seeds().
  using Meta = std::map<std::string, std::string>;
  coro::Task<> make_seeds(std::vector<std::uint64_t> fingerprints, Meta meta);
  // So do known URLs to which a seed redirects by its last answer (KnownHops); at most
  // limits::requeued_urls_max. The rules are asked on the writer's thread. While nothing is queued
  // or leased.
  struct HopRules {
    std::function<std::optional<std::uint64_t>(const KnownSeed& seed)> leads_to;
    // There, where that is a link so far, or a hop; costs more.
    std::function<bool(const KnownSeed& seed, bool is_link)> may_lead;
    std::function<bool(const KnownSeed& seed)> is_seed;  // by itself, or a sitemap
  };
  struct Hops {
    std::size_t made = 0;
    bool admit = false;  // as MadeSeeds has it
    std::vector<Published> queued;
  };
  coro::Task<Hops> make_hops(HopRules rules);
  // As Store::requeue_left_out(); after any commit.
  coro::Task<std::vector<Published>> requeue_left_out(UrlId after);
  // After open(): the value of a key of `meta`.
  coro::Task<std::optional<std::string>> meta(std::string key);
  coro::Task<std::uint64_t> bytes_of_done();
  // After open(), while nothing is queued or leased: as those of Store. What is admitted in place
  // of one is so only until the next call.
  coro::Task<std::vector<RefusedUrl>> refusals(UrlId after);
  // As Store::requeue_outlinks(). is_outlink is asked on the writer's thread.
  coro::Task<std::optional<UrlId>> requeue_outlinks(
      UrlId after, std::function<bool(std::string_view url)> is_outlink);
  coro::Task<bool> schedule_recrawl(RecrawlInterval interval);
  coro::Task<bool> queue_due(Wall now);
  // As that of Store, of all the host's pages. Waits for room on a full disk.
  coro::Task<> bring_forward(SitemapNews news, Millis least, Wall now);

  // Announces a commit of a visit that has begun. While several are on their way, each waits for a
  // moment so that they share a transaction, which costs the same for one as for many.
  class Expected {
   public:
    explicit Expected(Committer& committer) : committer_(committer) { ++committer_.expected_; }
    ~Expected() { --committer_.expected_; }
    Expected(const Expected&) = delete;
    Expected& operator=(const Expected&) = delete;

   private:
    Committer& committer_;
  };

  // Returns when everything in it is durable; on a full disk that is when there is room again, and
  // until then the caller may be cancelled. Throws Failure; then nothing of it is durable, and the
  // job has to stop. Any loop.
  coro::Task<std::vector<Published>> commit(Commit commit);

  coro::Task<std::vector<QueuedUrl>> queued(std::int64_t host, std::int64_t after_seq,
                                            std::size_t max_urls);
  // As that of Store. Calls visit(seed) on the writer thread.
  coro::Task<> each_seed(std::function<void(const KnownSeed&)> visit);
  coro::Task<std::vector<HostState>> hosts();
  coro::Task<std::vector<std::int64_t>> hosts_with_queue();
  coro::Task<LaneSet> lanes();
  coro::Task<std::vector<PartUpdate>> parts();
  coro::Task<std::vector<PatternState>> patterns();
  coro::Task<std::vector<web::HstsHost>> hsts();
  coro::Task<std::optional<RobotsState>> robots(std::string origin);
  // Of what is committed; doesn't wait for a commit that is under way.
  coro::Task<Recalled> recall(UrlId id);
  coro::Task<std::optional<QueuedUrl>> redirecting(UrlId from, std::uint64_t fingerprint);

  // As of the last commit. Any thread.
  StoreTotals totals() const;
  std::uint64_t urls_queued() const { return queued_.load(); }
  HistogramValues commit_seconds() const { return commits_.values(); }

 private:
  struct Entry {
    Commit commit;
    std::vector<Published> published;
    std::exception_ptr error;
    bool takes_place = false;        // the update's record is the archived one
    std::atomic<bool> done = false;  // what came of it may be read
  };
  using Entries = std::vector<std::shared_ptr<Entry>>;

  // What is written at one time. It goes on where it failed, and no step that succeeded runs twice.
  struct Batch {
    Entries entries;
    std::size_t appended = 0;  // so many entries are in the archive
    bool synced = false;       // and durable there
    bool gathered = false;     // the entries' commits have moved into `store`
    StoreBatch store;
    std::vector<Entry*> origins;  // of store.admitted
    int tries = 0;                // failed for want of room
    int archive_faults = 0;
    bool lost = false;  // can't be tried again
  };

  // Of a round: what the next piece is behind, or nothing when there is none.
  struct Piece {
    std::optional<UrlId> after;
    bool no_room = false;  // for this one, which is to be tried again
  };

  // Writer thread.
  int flush(int tries_seen);
  bool next_batch();
  bool is_crowd() const;  // under mutex_
  bool write_batch();
  void stall(const Error& why);
  void write(Batch& batch);
  void archive(Batch& batch);
  void append_rest(Batch& batch);
  void on_archive_failure(Batch& batch, const Failure& failure);
  void gather(Entry& entry, StoreBatch& batch, std::vector<Entry*>& origins);
  void admit(NewUrl url, Entry& entry, StoreBatch& batch, std::vector<Entry*>& origins);
  bool take_left_out(const NewUrl& url, std::uint64_t fingerprint);
  void note_known(const NewUrl& url) const;
  SeedRoles known_hops(const HopRules& rules);
  Piece bring_some_forward(const SitemapNews& news, UrlId after, Millis least, Wall now,
                           bool again);
  void settle(const StoreBatch& batch, const std::vector<UrlId>& ids);
  void report_memory();
  void count(const StoreBatch& batch);
  void take_totals();

  Store& store_;                           // writer thread, apart from reader()
  Archive* archive_;                       // writer thread, apart from prepare()
  SharedCookies* cookies_ = nullptr;       // constant after open()
  TransportSecurity* security_ = nullptr;  // likewise
  SeenFilter seen_;                        // writer thread
  // Writer thread: what was refused, unless it is in seen_ as well, and the row of each; while a
  // batch is gathered, of host 0 and with the place in the batch.
  Refusals refused_;
  // In the order of admission, whatever its lane.
  static std::int64_t place_of(UrlId id) { return id.seq - before_lane(lane_of(id.seq)); }
  std::int64_t last_before_ = 0;  // place of the last URL of earlier runs; constant after open()
  // Writer thread: rows of the last refusals() whose URLs are in seen_, until they are admitted.
  std::unordered_map<std::uint64_t, UrlId> left_out_;
  std::unordered_map<std::uint64_t, int> hops_made_;  // writer thread; how often in this run
  PrintSet tired_hops_;                               // the same; often enough
  std::optional<MemoryBudget::Share> known_urls_;     // writer thread
  coro::Worker writer_;
  std::once_flag recalled_;                // that anything is recalled: mostly nothing is
  bool has_looked_ = false;                // for a reader; thread of recalls_
  std::unique_ptr<StoreReader> reader_;    // likewise; null: the store has none
  std::unique_ptr<coro::Worker> recalls_;  // constant after recalled_
  const Millis retry_first_;
  OnStall on_stall_;                    // constant after open()
  std::function<void()> on_known_hop_;  // likewise

  std::unique_ptr<Batch> batch_;  // writer thread; at hand, or waiting for room
  std::exception_ptr broken_;     // writer thread; the first failure, which ends all

  std::mutex mutex_;
  Entries waiting_;                // guarded by mutex_
  std::condition_variable crowd_;  // is_crowd()
  std::atomic<std::size_t> expected_ = 0;

  Histogram commits_{disk_seconds()};  // how long each batch took
  std::atomic<std::uint64_t> queued_ = 0;
  std::atomic<std::uint64_t> fetched_ = 0;
  std::atomic<std::uint64_t> failed_ = 0;
  std::atomic<std::uint64_t> excluded_ = 0;
  std::atomic<std::uint64_t> bytes_wire_ = 0;
};

}  // namespace trawl::crawl
