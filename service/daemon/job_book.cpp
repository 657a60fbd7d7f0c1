// run() is the group of everything: each job's life, the watch over the job files, the desk where
// other loops ask, and a tick a second. At a shutdown jobs go first, and what serves them last.
#include "service/daemon/job_book.hpp"

#include "core/base/log.hpp"
#include "core/base/units.hpp"
#include "core/coro/race.hpp"
#include "core/coro/timeout.hpp"
#include "service/daemon/folder_watch.hpp"
#include "service/daemon/spare_memory.hpp"
#include "service/run/descriptor_limit.hpp"
#include "service/run/process_figures.hpp"
#include "storage/open.hpp"

#include <fmt/format.h>

#include <functional>
#include <utility>

namespace trawl::service {
namespace {

constexpr std::size_t worker_queue_max = 64;
constexpr std::chrono::seconds tick_interval{1};
constexpr std::chrono::seconds give_back_interval{30};
constexpr std::chrono::seconds store_figures_interval{30};
constexpr std::chrono::seconds hooks_wait_max{10};  // at the end, for those not told yet

coro::Task<> begin_telling(HookDesk& hooks, coro::Group& group) {
  hooks.run(group);
  co_return;
}

}  // namespace

JobBook::JobBook(Parts parts)
    : executor_(parts.executor),
      clock_(parts.clock),
      data_(parts.data),
      places_(static_cast<std::size_t>(parts.spec.concurrency)),
      speed_(parts.spec.bandwidth),
      spec_(std::move(parts.spec)),
      loader_(data_, std::move(parts.environment), spec_.allow_private_networks),
      ledger_(data_.ledger()),
      files_(spec_.jobs_dir),
      worker_("jobs", worker_queue_max),
      update_turn_(executor_, 1),
      turns_(1),
      around_{.executor = executor_,
              .clock = clock_,
              .ledger = ledger_,
              .watchers = watchers_,
              .buckets = buckets_,
              .places = places_,
              .speed = speed_,
              .turns = turns_,
              .hooks = hooks_,
              .files = worker_,
              .on_turn_free =
                  [this] {
                    leaves_memory_ = true;
                    wake_all();
                  }},
      ending_(executor_),
      all_gone_(executor_),
      told_(executor_),
      look_(executor_) {
  fetching_ = make_fetching(spec_.allow_private_networks);
  share_descriptors();
}

// Between the jobs that run at once, so that none of them is ever without.
void JobBook::share_descriptors() {
  const auto wanted = descriptors_for_jobs(spec_.jobs_at_once, spec_.concurrency);
  const auto allowed = raise_descriptor_limit(wanted);
  const auto plan = plan_descriptors(allowed, spec_.jobs_at_once);
  around_.descriptors_each = plan.each;
  around_.concurrency = spec_.concurrency;
  turns_.set_places(static_cast<std::size_t>(plan.jobs_at_once));
  if (plan.jobs_at_once < spec_.jobs_at_once)
    log("daemon")->warn(
        "this process may open {} files and sockets, enough for {} of {} jobs at once; raise the "
        "limit (ulimit -n, LimitNOFILE=) for more",
        allowed, plan.jobs_at_once, spec_.jobs_at_once);
}

coro::Task<> JobBook::run() {
  FolderWatch folder{executor_, files_.folder()};  // no change from now on is missed
  auto running = coro::with_group(&JobBook::run_parts, this, std::ref(folder));
  co_await std::move(running);
}

coro::Task<> JobBook::run_parts(FolderWatch& folder, coro::Group& group) {
  group_ = &group;
  lives_ = jobs_.size();
  for (const auto& [name, entry] : jobs_) group.spawn(live(entry));
  group.spawn(desk_.serve(group));
  group.spawn(watch_files(folder));
  group.spawn(tick());
  group.spawn(store_again());
  group.spawn(tell_hooks());
  group.spawn(lag_.probe());
  group.spawn(wait_for_end(group));
  ready_ = true;
  co_return;
}

coro::Task<> JobBook::wait_for_end(coro::Group& group) {
  co_await ending_.wait();
  ready_ = false;
  for (const auto& [name, entry] : jobs_) entry->job.leave();
  if (lives_ > 0) {
    if (turns_.taken() > 0)
      log("daemon")->info("waiting up to {} for {} running jobs to finish what is in flight",
                          format_duration(spec_.grace), turns_.taken());
    auto going = coro::within(spec_.grace, all_gone_.wait());
    const bool in_time = co_await std::move(going);
    if (!in_time) log("daemon")->warn("giving up what is in flight; it stays queued");
    if (!in_time)
      for (const auto& [name, entry] : jobs_) entry->job.stop_now();
    if (lives_ > 0) co_await all_gone_.wait();
  }
  hooks_.finish();
  auto telling = coro::within(hooks_wait_max, told_.wait());
  const bool all_told = co_await std::move(telling);
  if (!all_told)
    log("daemon")->warn("not all hooks were told yet; those of ends are at the next start");
  const auto jobs = jobs_;
  for (const auto& [name, entry] : jobs) {
    if (!entry->job.is_unsaved() || !is_of_book(entry)) continue;
    auto saving = entry->job.save();
    static_cast<void>(co_await std::move(saving));
  }
  desk_.close();
  group_ = nullptr;
  group.cancel();
}

coro::Task<> JobBook::tell_hooks() {
  auto telling = coro::with_group(&begin_telling, std::ref(hooks_));
  co_await std::move(telling);
  told_.set();
}

// What an older daemon left, also of a job that is finished, for those who read it. It is one
// folder after the other, which may take hours; so a job that is to leave does not wait for its
// turn.
coro::Task<> JobBook::bring_up_to_date(EntryPtr entry) {
  if (entry->job.dir().empty()) co_return;
  auto queueing = coro::race(update_turn_.acquire(), entry->job.until_leaving());
  const auto turn = co_await std::move(queueing);
  if (entry->job.is_leaving()) co_return;
  const auto dir = entry->job.dir();
  if (!updates_) updates_.emplace("update", worker_queue_max);
  try {
    auto updating = updates_->run([&dir] { storage::bring_up_to_date(dir); });
    co_await std::move(updating);
  } catch (const std::exception& failure) {  // its run says so again, and fails
    if (coro::is_cancellation(std::current_exception())) throw;
    log("jobs")->warn("{}: {}", entry->job.name(), failure.what());
  }
}

coro::Task<> JobBook::live(EntryPtr entry) {
  auto updating = bring_up_to_date(entry);
  co_await std::move(updating);
  auto living = entry->job.live();
  co_await std::move(living);
  entry->gone.set();
  if (--lives_ == 0 && ending_.is_set()) all_gone_.set();
}

void JobBook::shut_down() {
  ++shut_downs_;
  ending_.set();
  if (shut_downs_ < 2) return;
  for (const auto& [name, entry] : jobs_) entry->job.stop_now();
}

Result<> JobBook::reload(const config::DaemonSpec& spec) {
  // What can fail comes first.
  try {
    fetching_ = make_fetching(spec.allow_private_networks);
  } catch (const std::exception& error) {
    return fail(Errc::io, fmt::format("there is no fetching with it: {}", error.what()));
  }
  spec_.concurrency = spec.concurrency;
  spec_.jobs_at_once = spec.jobs_at_once;
  spec_.memory_bytes = spec.memory_bytes;
  spec_.grace = spec.grace;
  spec_.allow_private_networks = spec.allow_private_networks;
  spec_.bandwidth = spec.bandwidth;
  speed_.set(spec_.bandwidth);
  places_.set_total(static_cast<std::size_t>(spec_.concurrency));
  share_descriptors();
  loader_.set_allowed_networks(spec_.allow_private_networks);
  wake_all();
  look_.set();
  return {};
}

coro::Task<> JobBook::tick() {
  Mono given_back = clock_.now();
  for (;;) {
    for (const auto& [name, entry] : jobs_) entry->job.sample();
    note_figures();
    watch_memory();
    const bool is_wanted = leaves_memory_ || !turns_.is_open();
    if (is_wanted && clock_.now() - given_back >= give_back_interval) {
      leaves_memory_ = false;
      auto giving_back = worker_.run(&give_back_spare_memory);
      co_await std::move(giving_back);
      given_back = clock_.now();
    }
    co_await coro::sleep_for(tick_interval);
  }
}

// What a full disk did not take; and how far those that run are, for the figures that are shown
// after a crash until it is their turn again.
coro::Task<> JobBook::store_again() {
  for (Mono figures_stored = clock_.now();;) {
    co_await coro::sleep_for(tick_interval);
    const bool figures_too = clock_.now() - figures_stored >= store_figures_interval;
    if (figures_too) figures_stored = clock_.now();
    std::vector<EntryPtr> unsaved;
    for (const auto& [name, entry] : jobs_) entry->job.tell_untold();
    for (const auto& [name, entry] : jobs_)
      if (entry->job.is_unsaved() || (figures_too && entry->job.is_live()))
        unsaved.push_back(entry);
    for (const EntryPtr& entry : unsaved) {
      if (!is_of_book(entry)) continue;  // it was removed meanwhile, and forgotten
      auto saving = entry->job.save();
      if (!co_await std::move(saving)) break;
    }
  }
}

void JobBook::note_figures() {
  auto figures = std::make_shared<Figures>();
  figures->memory_bytes = spec_.memory_bytes;
  for (const auto& [name, entry] : jobs_) figures->jobs.push_back(entry->job.figures());
  figures->removed = removed_metrics_;
  figures->loop_lag_p99 = lag_.percentile(99);
  const std::lock_guard lock{figures_mutex_};
  figures_ = std::move(figures);
}

std::shared_ptr<const Figures> JobBook::figures() const {
  const std::lock_guard lock{figures_mutex_};
  return figures_;
}

// What runs goes on: it is bounded by itself; but nothing is begun on top of it.
void JobBook::watch_memory() {
  const auto& most = spec_.memory_bytes;
  const std::uint64_t held = most ? read_process_figures().resident_bytes : 0;
  const bool open = !most || held < *most / 10 * (turns_.is_open() ? 10 : 9);
  if (open == turns_.is_open()) return;
  turns_.set_open(open);
  if (open)
    log("daemon")->info("there is memory to spare again: jobs may begin");
  else
    log("daemon")->warn("{} are held and memory = \"{}\": no further job begins its run",
                        human_bytes(held), format_bytes(*most));
  wake_all();
}

void JobBook::wake_all() {
  for (const auto& [name, entry] : jobs_) entry->job.look_again();
}

std::unique_ptr<Jobs::Watch> JobBook::watch(std::function<void(const JobEvent&)> on_event) {
  return watchers_.add(std::move(on_event));
}

}  // namespace trawl::service
