#pragma once
// ManagedJob: one job of the daemon: its settings, its state machine, and the run that goes on.
// live() is its life; everything else is called between the steps of that. Loop thread only.

#include "config/job.hpp"
#include "core/base/clock.hpp"
#include "core/coro/event.hpp"
#include "core/coro/shared_places.hpp"
#include "core/coro/task.hpp"
#include "core/crawl/engine/crawl_metrics.hpp"
#include "core/crawl/hosts/politeness_buckets.hpp"
#include "service/daemon/job_loader.hpp"
#include "service/daemon/job_machine.hpp"
#include "service/daemon/jobs.hpp"
#include "service/daemon/ledger_desk.hpp"
#include "service/daemon/rate_meter.hpp"
#include "service/daemon/run_turns.hpp"
#include "service/daemon/settings.hpp"
#include "service/daemon/watchers.hpp"
#include "service/hooks/desk.hpp"
#include "service/run/job_run.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace trawl::service {

// What all jobs of a daemon share.
struct JobSurroundings {
  coro::Executor executor;
  Clock& clock;
  LedgerDesk& ledger;
  Watchers& watchers;
  crawl::PolitenessBuckets& buckets;
  coro::SharedPlaces& places;
  http::SpeedLimit& speed;
  RunTurns& turns;
  HookDesk& hooks;
  coro::Worker& files;
  std::uint64_t descriptors_each = 0;  // that a run may have
  int concurrency = 0;                 // of all runs together
  std::function<void()> on_turn_free;  // a place among the running jobs may be free
};

class ManagedJob {
 public:
  // memory: from the ledger; absent for a job that is new.
  ManagedJob(JobSurroundings& around, std::string name, JobSource source,
             std::optional<LedgerEntry> memory);
  ~ManagedJob();
  ManagedJob(const ManagedJob&) = delete;
  ManagedJob& operator=(const ManagedJob&) = delete;

  // Runs when it is time to, until it is told to leave.
  coro::Task<> live();

  // Its settings were read, at first or again. A run that is live takes what it can, and begins
  // again for the rest; with errors it goes on as it is.
  void take(config::Loaded<config::LoadedJob> loaded);
  // The same when it was not its owner who changed something: with errors a run that is live stops
  // at once, what is in flight is given up, and it goes on when there are none any more.
  void take_or_stop(config::Loaded<config::LoadedJob> loaded);
  // The same as a change over the API. Errors: what the crawl can't take; nothing has changed then.
  Result<> take_patches(std::vector<config::Override> patches, config::LoadedJob loaded);

  std::expected<void, std::string> command(JobCommand command);
  void leave();        // what is live stops and is continued at the next start; live() returns
  void stop_now();     // what is in flight is given up
  void look_again();   // something that it waits for may have come
  void sample();       // about once a second while it runs
  void tell_untold();  // about once a second: what its hooks are still to be told of

  // Queues URLs of a running job, or of one that begins to run for them.
  coro::Task<Answer<crawl::Pushed>> push(std::vector<std::string> urls);

  // Whether its state is stored now. Where it is not, the log says so, and is_unsaved() asks for
  // another attempt.
  coro::Task<bool> save();
  bool is_unsaved() const { return unsaved_ || told_ || first_records_; }
  LedgerEntry entry() const;  // as it is stored
  JobView view() const;
  JobView overview() const;  // without settings and errors, which are long
  JobFigures figures() const;
  std::vector<HostHold> host_holds() const;

  const std::string& name() const { return name_; }
  const JobSource& source() const { return source_; }
  void set_source(JobSource source) { source_ = std::move(source); }
  const std::vector<config::Override>& patches() const { return patches_; }
  JobState state() const { return machine_.state(); }
  bool is_live() const { return machine_.is_live(); }
  bool is_leaving() const { return leaving_; }
  coro::Task<> until_leaving() { return left_.wait(); }
  std::filesystem::path dir() const { return dir_; }

 private:
  coro::Task<Answer<void>> have_run();
  coro::Task<> run_once();
  coro::Task<RunResult> run_on(coro::Worker& files);
  coro::Task<crawl::CrawlEnd> crawl_once(coro::Worker& files);
  coro::Task<> close_run(coro::Worker& files);
  void apply(config::LoadedJob loaded, SettingValues values);
  void note_errors(std::vector<config::ConfigError> errors);
  void change_run();
  void obey();
  void announce();
  crawl::OnHostEvent on_host_event();
  void tell_hooks(const RunResult& result);
  void on_told(const std::string& id, bool tried);
  JobPlan plan() const;
  coro::Task<std::optional<Wall>> when_due(coro::Worker& files, const RunResult& result);
  coro::Task<> recount();
  RunResult result_of(coro::Outcome<crawl::CrawlEnd>& outcome) const;

  JobSurroundings& around_;
  const std::string name_;
  JobSource source_;
  std::optional<config::LoadedJob> loaded_;  // absent: never valid so far
  SettingValues values_;                     // of loaded_
  std::string settings_;                     // of loaded_, as TOML
  std::string digest_;                       // of values_, or what the ledger had
  std::vector<config::ConfigError> errors_;
  std::vector<config::Override> patches_;
  std::filesystem::path dir_;
  JobMachine machine_;
  std::atomic<bool> leaving_ = false;  // read by the thread of files, too
  coro::Event left_;                   // with leaving_
  bool unsaved_ = false;               // what the ledger has is older
  struct Untold {
    HookEvent event;
    bool stored = false;  // in the ledger: only then is it told
    bool posted = false;
    Millis wait{60'000};  // after a time when no attempt could be made; longer each time
    Mono not_before = Mono::min();
  };
  std::vector<Untold> untold_;  // ends of runs that the hooks were not told of yet
  bool has_old_ends_ = false;   // of those, some of the daemon before this one
  bool told_ = false;           // of some, and the ledger still has them
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for who calls back later

  std::unique_ptr<JobRun> run_;                     // from its opening to its end
  std::shared_ptr<const crawl::JobSpec> run_spec_;  // what its hooks are told by
  SettingValues run_values_;                        // what it was begun with
  coro::Event changed_;
  coro::Event opened_;    // set while run_ is there
  coro::Event at_rest_;   // set unless a run is being closed
  int stops_ = 0;         // that the run was told
  bool at_once_ = false;  // what is in flight is to be given up, too, though the run may be opening
  std::atomic<bool> give_up_offline_ = false;

  crawl::StoreTotals totals_;   // of what is in dir_, as last known
  bool totals_of_dir_ = true;   // false: of a ledger that may have had another folder's
  bool first_records_ = false;  // some are there, and the ledger has none that are sure
  std::optional<crawl::CrawlProgress> progress_;
  crawl::CrawlMetrics metrics_before_;  // of the runs that ended
  crawl::CrawlMetrics run_metrics_;     // of the one that goes on, as of the last sample()
  RateMeter rates_;
  std::string announced_;       // the state
  std::string announced_file_;  // what its file led to: settings and errors
};

}  // namespace trawl::service
