#pragma once
// JobBook: all jobs of a daemon: where they come from, who may run, what becomes of what users ask
// for. run() is its life, on the daemon's loop; the methods of Jobs are for any loop.

#include "config/daemon.hpp"
#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/coro/event.hpp"
#include "core/coro/group.hpp"
#include "core/coro/loop_lag.hpp"
#include "core/coro/semaphore.hpp"
#include "core/coro/shared_places.hpp"
#include "core/coro/worker.hpp"
#include "core/crawl/engine/single_fetch.hpp"
#include "core/crawl/hosts/politeness_buckets.hpp"
#include "service/daemon/data_folder.hpp"
#include "service/daemon/desk.hpp"
#include "service/daemon/job_files.hpp"
#include "service/daemon/job_loader.hpp"
#include "service/daemon/jobs.hpp"
#include "service/daemon/ledger_desk.hpp"
#include "service/daemon/managed_job.hpp"
#include "service/daemon/run_turns.hpp"
#include "service/daemon/watchers.hpp"
#include "service/hooks/desk.hpp"

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::service {

class FolderWatch;

class JobBook final : public Jobs {
 public:
  struct Parts {
    coro::Executor executor;
    Clock& clock;
    DataFolder& data;
    config::DaemonSpec spec;
    std::map<std::string, std::string> environment;  // of the jobs in jobs_dir
  };
  // Throws Failure{damaged, io, disk_full} for the ledger.
  explicit JobBook(Parts parts);
  ~JobBook() override;

  // Reads all jobs; they begin with run().
  coro::Task<> load();
  // Runs them until shut_down(), and then until what is in flight is finished or given up.
  coro::Task<> run();

  // Loop thread. The first call lets jobs finish what is in flight, the second gives it up.
  void shut_down();
  // Loop thread. New bounds; every job file is read again. Errors: Errc::io, when what the bounds
  // need can't be had; then nothing has changed.
  Result<> reload(const config::DaemonSpec& spec);

  std::size_t jobs_known() const { return jobs_.size(); }      // loop thread
  std::size_t jobs_running() const { return turns_.taken(); }  // loop thread

  // Jobs
  coro::Task<Answer<std::vector<JobView>>> list() override;
  coro::Task<Answer<JobView>> find(std::string name) override;
  coro::Task<Answer<JobView>> submit(JobText text) override;
  coro::Task<Answer<void>> remove(std::string name, bool delete_data) override;
  coro::Task<Answer<JobView>> steer(std::string name, JobCommand command) override;
  coro::Task<Answer<JobView>> change(std::string name,
                                     std::vector<config::Override> changes) override;
  coro::Task<Answer<std::vector<HostHold>>> host_holds(std::string name) override;
  coro::Task<Answer<crawl::Pushed>> push_urls(std::string name,
                                              std::vector<std::string> urls) override;
  coro::Task<Answer<FetchedNow>> fetch_now(FetchNow request) override;
  std::unique_ptr<Watch> watch(std::function<void(const JobEvent&)> on_event) override;
  std::shared_ptr<const Figures> figures() const override;
  bool ready() const override { return ready_; }

 private:
  void share_descriptors();
  // A job, and whether its life is over.
  struct Entry {
    Entry(JobSurroundings& around, std::string name, JobSource source,
          std::optional<LedgerEntry> memory)
        : job(around, std::move(name), std::move(source), std::move(memory)),
          gone(around.executor),
          settings(around.executor, 1) {}
    ManagedJob job;
    coro::Event gone;
    // Held from a look at the job's patches until the settings made of them are in force, so that
    // of two changes at once neither is lost.
    coro::Semaphore settings;
  };
  using EntryPtr = std::shared_ptr<Entry>;  // a removed job is there until its calls have ended
  struct Fetching;

  // The life (job_book.cpp).
  coro::Task<> run_parts(FolderWatch& folder, coro::Group& group);
  coro::Task<> wait_for_end(coro::Group& group);
  coro::Task<> bring_up_to_date(EntryPtr entry);
  coro::Task<> live(EntryPtr entry);
  coro::Task<> tick();
  coro::Task<> store_again();
  coro::Task<> tell_hooks();
  void note_figures();
  void watch_memory();
  void wake_all();

  // Where jobs come from (job_book_files.cpp).
  coro::Task<> watch_files(FolderWatch& folder);
  coro::Task<> look_at_files();
  coro::Task<> judge_submitted_again();
  coro::Task<> take_file(std::filesystem::path file);
  coro::Task<EntryPtr> take_known(std::filesystem::path file);
  coro::Task<> add_file(JobSource source, config::Loaded<config::LoadedJob> loaded);
  coro::Task<> forget_gone();
  coro::Task<> hold_hosts();
  coro::Task<config::Loaded<config::LoadedJob>> read(JobSource source);
  coro::Task<> follow_renamed(std::vector<EntryPtr> without_file,
                              std::vector<JobFiles::Change> changes);
  EntryPtr in_its_way(std::string_view name, const config::Loaded<config::LoadedJob>& loaded) const;
  void let_go(const EntryPtr& entry, std::string why);
  coro::Task<> retire_quietly(EntryPtr entry);
  coro::Task<> retire(EntryPtr entry, bool forget);
  EntryPtr add(std::string name, JobSource source, config::Loaded<config::LoadedJob> loaded);
  EntryPtr of_file(const std::filesystem::path& file) const;

  // What users ask for (job_book_calls.cpp).
  template <class T>
  coro::Task<Answer<T>> asked(std::function<coro::Task<Answer<T>>()> work);
  coro::Task<Answer<std::vector<JobView>>> do_list();
  coro::Task<Answer<JobView>> do_find(std::string name);
  coro::Task<Answer<std::vector<HostHold>>> do_host_holds(std::string name);
  coro::Task<Answer<JobView>> do_submit(JobText text);
  coro::Task<Answer<JobView>> add_submitted(std::string name, std::string toml);
  coro::Task<Answer<JobView>> saved_view(EntryPtr entry);
  coro::Task<Answer<JobView>> do_steer(std::string name, JobCommand command);
  coro::Task<Answer<JobView>> do_change(std::string name, std::vector<config::Override> changes);
  coro::Task<Answer<crawl::Pushed>> do_push(std::string name, std::vector<std::string> urls);
  coro::Task<Answer<FetchedNow>> do_fetch(FetchNow request);
  Answer<EntryPtr> entry_of(std::string_view name) const;
  Answer<EntryPtr> staying_entry_of(std::string_view name) const;
  bool is_of_book(const EntryPtr& entry) const;
  void free_name(const std::string& name);
  std::shared_ptr<Fetching> make_fetching(const std::vector<std::string>& allowed_networks);

  // How a job goes (job_book_removal.cpp).
  coro::Task<Answer<void>> do_remove(std::string name, bool delete_data);
  coro::Task<Answer<void>> remove_entry(EntryPtr entry, bool delete_data);
  coro::Task<std::string> remove_file(EntryPtr entry);
  coro::Task<std::string> other_user_of_output(EntryPtr entry);
  // A job that is on its way into the book, and where its output will be.
  using Folders = std::multimap<std::string, std::filesystem::path>;
  struct Submitting {
    Submitting(Folders& of, const std::string& name, std::filesystem::path folder)
        : folders(of), place(of.emplace(name, std::move(folder))) {}
    ~Submitting() { folders.erase(place); }
    Submitting(const Submitting&) = delete;
    Submitting& operator=(const Submitting&) = delete;
    Folders& folders;
    Folders::iterator place;
  };
  coro::Task<std::string> user_of_output(std::filesystem::path dir, std::string but);
  coro::Task<std::string> delete_output(EntryPtr entry);

  // Constant after construction.
  coro::Executor executor_;
  Clock& clock_;
  DataFolder& data_;

  // Any thread.
  Desk desk_;
  Watchers watchers_;
  crawl::PolitenessBuckets buckets_;
  coro::SharedPlaces places_;
  http::SpeedLimit speed_;
  coro::LoopLag lag_;
  std::atomic<bool> ready_ = false;
  mutable std::mutex figures_mutex_;
  std::shared_ptr<const Figures> figures_;  // guarded by figures_mutex_

  // Loop thread only.
  bool leaves_memory_ = false;  // what has ended since memory was given back
  config::DaemonSpec spec_;
  JobLoader loader_;
  LedgerDesk ledger_;
  JobFiles files_;  // on the worker
  coro::Worker worker_;
  std::optional<coro::Worker> updates_;  // of folders that an older trawl wrote
  coro::Semaphore update_turn_;          // of a job whose folder is next
  RunTurns turns_;
  HookDesk hooks_;
  JobSurroundings around_;
  std::map<std::string, LedgerEntry, std::less<>> remembered_;  // of jobs not seen since the start
  bool names_guessed_ = false;  // of a file that can't be read nobody knows whose it is
  std::map<std::string, EntryPtr, std::less<>> jobs_;
  Folders submitting_;
  std::set<std::string, std::less<>> busy_names_;  // of jobs that are being stored or removed
  std::set<std::filesystem::path> left_alone_;     // files whose job's name is another one's
  bool name_is_free_ = false;                      // it may be that of one left alone
  crawl::CrawlMetrics removed_metrics_;            // of jobs that are gone: counters never go down
  std::size_t lives_ = 0;                          // jobs that have not gone
  coro::Event ending_;                             // shut_down() was called
  coro::Event all_gone_;
  coro::Event told_;  // the hooks, after the last job
  coro::Event look_;  // the job files are to be looked at
  int shut_downs_ = 0;
  coro::Group* group_ = nullptr;  // while run() runs
  std::shared_ptr<Fetching> fetching_;
};

}  // namespace trawl::service
