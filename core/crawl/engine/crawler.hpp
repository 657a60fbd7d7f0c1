#pragma once
// Crawler: one job, from its seeds to its end: the shards, the committer, the limits, the way out.

#include "core/base/clock.hpp"
#include "core/coro/channel.hpp"
#include "core/coro/group.hpp"
#include "core/coro/shared_places.hpp"
#include "core/coro/task.hpp"
#include "core/coro/worker.hpp"
#include "core/crawl/engine/committer.hpp"
#include "core/crawl/engine/control.hpp"
#include "core/crawl/engine/cookies.hpp"
#include "core/crawl/engine/crawl_metrics.hpp"
#include "core/crawl/engine/memory_budget.hpp"
#include "core/crawl/engine/push_queue.hpp"
#include "core/crawl/engine/shard.hpp"
#include "core/crawl/engine/transport_security.hpp"
#include "core/crawl/hosts/host_event.hpp"
#include "core/crawl/hosts/politeness_buckets.hpp"
#include "core/crawl/job/job.hpp"
#include "core/crawl/job/live_settings.hpp"
#include "core/crawl/job/seed_reader.hpp"
#include "core/crawl/job/site_settings.hpp"
#include "core/crawl/scope/admission.hpp"
#include "core/crawl/scope/link_times.hpp"
#include "core/crawl/state/archive.hpp"
#include "core/crawl/state/store.hpp"

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
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
  std::size_t in_flight = 0;  // visits: also what was fetched and is being stored
  std::size_t transfers = 0;  // of these, requests on their way
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
    Again again = Again::nothing;
    bool adds_seeds = false;               // the job's seeds take no earlier ones' place
    PolitenessBuckets* buckets = nullptr;  // of all jobs of the process; null: its own
    coro::SharedPlaces* places = nullptr;  // the same, for fetches in flight
    http::SpeedLimit* speed = nullptr;     // the same, for the bodies that come
    int weight = 1;                        // in these, against other jobs
    OnHostEvent on_host_event = {};
  };
  // Throws Failure{config} for what the job file's checks can't see.
  explicit Crawler(Parts parts);
  ~Crawler();

  // Crawls until nothing is queued, a limit is reached, or stop() was called; what is in flight at
  // a stop is finished within job.grace or given up. Everything committed survives. A full disk
  // pauses it. Throws Failure when the store or the disk fails.
  coro::Task<CrawlEnd> run();

  // Of the URLs that earlier runs fetched so many, with so many bytes, are of rounds that are over:
  // job.limits doesn't count them. Before run().
  void leave_out_of_limits(std::uint64_t pages, std::uint64_t bytes_wire) {
    control_.leave_out(pages, bytes_wire);
  }

  void stop();  // any thread; the second call gives up what is in flight at once
  void pause(bool paused) { control_.pause(PauseReason::user, paused); }
  CrawlProgress progress() const;
  CrawlMetrics metrics() const;  // any thread
  // Why hosts that have work are not asked, at most half a second ago; of very many hosts some.
  // Any thread.
  std::vector<HostWait> host_waits() const;

  // Any thread, at any time. A limit that is below what is done stops the run; of a scope that got
  // narrower, queued URLs are excluded when their turn comes, and what was excluded before stays
  // so. Errors: Errc::config for an invalid pattern; then nothing has changed.
  Result<> change(LiveSettings settings);
  void set_weight(int weight);  // any thread
  // Into `meta` of the store, within a second while it runs. Any thread.
  void keep_meta(std::string key, std::string value);

  // More seeds, one URL or list line each, from now on or before run(). Answers what became of
  // them, when they are committed; what is no URL is recorded as such. Any loop; waits while
  // many others push. Until it answers the run doesn't end as done. Errors: Errc::cancelled when
  // the run is at its end. May outlive the crawler.
  coro::Task<Result<Pushed>> push(std::vector<std::string> urls);

 private:
  coro::Task<> queue_again();
  coro::Task<> reconsider();
  coro::Task<> read_outlinks();
  coro::Task<> fetch_whole();
  coro::Task<> queue_cut();
  coro::Task<> begin_record();
  coro::Task<> keep_record();
  coro::Task<> keep_end();
  coro::Task<> keep_changed(std::map<std::string, std::string> meta);
  std::map<std::string, std::string> take_changed();
  coro::Task<> end_record(StoreTotals before);
  coro::Task<> reconsider_refusals();
  struct Judging;
  coro::Task<> judge_wider();
  coro::Task<> make_hops();
  coro::Task<> widen_by_hops();
  coro::Task<Committer::Hops> make_some_hops();
  coro::Task<bool> queue_left_out();
  coro::Task<> queue_refusals();
  void note_wider(Commit& commit);
  coro::Task<std::uint64_t> bytes_before();
  coro::Task<> restore_scope();
  coro::Task<> restore_seeds();
  coro::Task<> start_shards();
  coro::Task<> restore_parts(const std::vector<HostState>& hosts);
  coro::Task<> restore_patterns(const std::vector<HostState>& hosts);
  coro::Task<> feed_seeds();
  coro::Task<> feed_through(coro::Channel<NewUrl>& seeds, coro::Group& group);
  coro::Task<> read_seeds_into(coro::Channel<NewUrl>& seeds);
  Result<NewUrl> admit_seed(const Seed& seed);
  coro::Task<> take_pushes(coro::Group& group);
  coro::Task<Pushed> admit_pushed(std::vector<std::string> urls);
  coro::Task<> admit_all(coro::Channel<NewUrl>& seeds);
  coro::Task<> watch(coro::Group& group);
  coro::Task<> break_off();
  coro::Task<> look_for_room();
  void on_stall(const std::optional<Error>& why);
  coro::Task<> run_all(coro::Group& group);
  coro::Task<> run_shard(Shard& shard, std::size_t number, coro::Group& group);
  coro::Task<> publish(std::vector<Published> urls);
  Shard& shard_of(std::string_view host_key);
  static coro::Share share(int weight, int concurrency);
  static std::size_t visits_max(std::size_t at_once, std::size_t shards);
  void change_places();
  void fit_visits();
  void check_disk();
  void check_duration();

  Parts parts_;
  std::mutex change_mutex_;
  LiveSettings live_;                                // guarded by change_mutex_
  int weight_;                                       // the same
  std::map<std::string, std::string> changed_meta_;  // the same
  CrawlControl control_;
  MemoryBudget memory_;
  SiteSettings sites_;
  std::unique_ptr<Admission> admission_;
  std::unique_ptr<SharedCookies> cookies_;
  TransportSecurity security_;
  Committer committer_;
  coro::Worker files_;
  coro::Worker cpu_;
  coro::Worker syncs_;
  PolitenessBuckets own_buckets_;  // unless the parts have others
  coro::SharedPlaces own_places_;  // the same
  coro::SharedPlaces::Member transfers_;
  coro::SharedPlaces visits_;
  http::SpeedLimit speed_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::shared_ptr<PushQueue> pushes_ = std::make_shared<PushQueue>();  // with those who push
  Mono started_;
  std::atomic<int> stops_ = 0;
  std::atomic<bool> rules_changed_ = false;  // while it ran
  Commit kept_;                              // what of the run itself is stored when it begins
  std::map<std::string, std::string> changed_seeds_;  // goes into it when all is judged by them
  bool seeds_return_ = false;  // a former seed is one again; set before the shards run
  RunRecord run_;
  UrlId left_out_after_;                // main loop; as far as what was left out is queued
  std::uint64_t judged_widenings_ = 0;  // main loop; of the scope, when that was begun
  LinkTimes unread_links_;              // set before the shards run
  std::atomic<bool> seeding_ = true;
  std::size_t shards_running_ = 0;  // main loop
  bool judging_ = false;            // main loop; judge_wider() or make_hops() is under way
  bool disk_low_ = false;           // main loop
  int room_tries_ = 0;              // main loop; since a body found no room
  Mono next_room_try_{};            // main loop
};

}  // namespace trawl::crawl
