#pragma once
// Crawler: one job, from its seeds to its end: the shards, the committer, the limits, the way out.

#include "core/base/clock.hpp"
#include "core/coro/channel.hpp"
#include "core/coro/group.hpp"
#include "core/coro/task.hpp"
#include "core/coro/worker.hpp"
#include "core/crawl/admission.hpp"
#include "core/crawl/archive.hpp"
#include "core/crawl/committer.hpp"
#include "core/crawl/control.hpp"
#include "core/crawl/cookies.hpp"
#include "core/crawl/job.hpp"
#include "core/crawl/memory_budget.hpp"
#include "core/crawl/politeness_buckets.hpp"
#include "core/crawl/seed_reader.hpp"
#include "core/crawl/shard.hpp"
#include "core/crawl/site_settings.hpp"
#include "core/crawl/store.hpp"

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace trawl::crawl {

struct CrawlEnd {
  StopReason reason = StopReason::done;
  std::string detail;  // which limit
  bool had_nothing_to_do = false;
};

// What a progress line shows; any thread may take one.
struct CrawlProgress {
  StoreTotals totals;
  CrawlControl::Figures run;
  std::size_t in_flight = 0;
  std::size_t hosts_ready = 0;
  std::size_t hosts_waiting = 0;
  std::size_t hosts_backing_off = 0;
  std::optional<Millis> next_fetch_in;
  Millis loop_lag_p99{0};          // of the shard where it is longest
  std::uint64_t memory_bytes = 0;  // as its parts report it, within limits.memory
  std::optional<std::uint64_t> memory_bytes_max;
  bool paused = false;
  bool seeding = true;
};

class Crawler {
 public:
  struct Parts {
    const JobSpec& job;
    Store& store;
    Archive* archive;  // absent for bodies = "none"
    Clock& clock;
    std::filesystem::path output_dir;
    std::vector<web::Cookie> cookies = {};  // what the jar begins with
    bool again = false;                     // what was fetched or failed is queued again
    PolitenessBuckets* buckets = nullptr;   // of all jobs of the process; null: its own
  };
  // Throws Failure{config} for what the job file's checks can't see.
  explicit Crawler(Parts parts);

  // Crawls until nothing is queued, a limit is reached, or stop() was called; what is in flight at
  // a stop is finished within job.grace or given up. Everything committed survives. A full disk
  // pauses it. Throws Failure when the store or the disk fails.
  coro::Task<CrawlEnd> run();

  void stop();  // any thread; the second call gives up what is in flight at once
  void pause(bool paused) { control_.pause(PauseReason::user, paused); }
  CrawlProgress progress() const;

 private:
  coro::Task<> queue_again();
  coro::Task<> restore_scope();
  coro::Task<> start_shards();
  coro::Task<> restore_parts(const std::vector<HostState>& hosts);
  coro::Task<> restore_patterns(const std::vector<HostState>& hosts);
  coro::Task<> feed_seeds();
  coro::Task<> feed_through(coro::Channel<NewUrl>& seeds, coro::Group& group);
  coro::Task<> read_seeds_into(coro::Channel<NewUrl>& seeds);
  Result<NewUrl> admit_seed(const Seed& seed);
  coro::Task<> admit_all(coro::Channel<NewUrl>& seeds);
  coro::Task<> watch(coro::Group& group);
  coro::Task<> look_for_room();
  void on_stall(const std::optional<Error>& why);
  coro::Task<> run_all(coro::Group& group);
  coro::Task<> run_shard(Shard& shard, std::size_t number, coro::Group& group);
  coro::Task<> publish(std::vector<Published> urls);
  Shard& shard_of(std::string_view host_key);
  void check_disk();
  void check_duration();

  Parts parts_;
  CrawlControl control_;
  MemoryBudget memory_;
  SiteSettings sites_;
  std::unique_ptr<Admission> admission_;
  std::unique_ptr<SharedCookies> cookies_;
  Committer committer_;
  coro::Worker files_;
  coro::Worker cpu_;
  coro::Worker syncs_;
  MirrorTurns mirror_turns_;
  PolitenessBuckets own_buckets_;  // unless the parts have others
  std::vector<std::unique_ptr<Shard>> shards_;
  Mono started_;
  std::atomic<int> stops_ = 0;
  std::atomic<bool> seeding_ = true;
  std::size_t shards_running_ = 0;  // main loop
  bool disk_low_ = false;           // main loop
  int room_tries_ = 0;              // main loop; since a body found no room
  Mono next_room_try_{};            // main loop
};

}  // namespace trawl::crawl
