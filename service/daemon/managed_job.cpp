// live() waits until a run is due and has its turn, and run_once() is that run. Commands only move
// the state machine and then call obey(), which tells the crawler what the machine wants of it; so
// a command that comes while a run is being opened is not lost.
#include "service/daemon/managed_job.hpp"

#include "config/warnings.hpp"
#include "core/base/log.hpp"
#include "core/base/log_job.hpp"
#include "core/coro/timeout.hpp"
#include "core/coro/worker.hpp"
#include "core/crawl/job/live_settings.hpp"
#include "service/daemon/job_events.hpp"
#include "service/daemon/lost_folder.hpp"
#include "service/daemon/metrics_sum.hpp"
#include "service/offline/tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace trawl::service {
namespace {

// The wall clock may be set; so a long wait looks at it now and then.
constexpr Millis wait_max{30'000};
constexpr std::chrono::seconds push_wait{10};
constexpr Millis push_look{200};

class Turn {
 public:
  explicit Turn(JobSurroundings& around) : around_(around) {}
  ~Turn() {
    around_.turns.release();
    around_.on_turn_free();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  JobSurroundings& around_;
};

JobMachine make_machine(const std::optional<LedgerEntry>& memory, Wall now) {
  // Without its schedule, which its settings bring.
  return memory ? JobMachine{memory->memory, JobPlan{}} : JobMachine{JobPlan{}, now};
}

// A run costs something by itself, so pages that become due one by one are fetched a few at a time.
std::optional<Millis> recrawl_pause(const crawl::JobSpec& job) {
  const auto interval = crawl::recrawl_interval(job.recrawl);
  if (!interval) return std::nullopt;
  return std::clamp(interval->min / 10, Millis{1'000}, Millis{600'000});
}

std::unexpected<Refused> refuse(Refusal why, std::string detail) {
  return std::unexpected(Refused{why, std::move(detail)});
}

}  // namespace

ManagedJob::ManagedJob(JobSurroundings& around, std::string name, JobSource source,
                       std::optional<LedgerEntry> memory)
    : around_(around),
      name_(std::move(name)),
      source_(std::move(source)),
      machine_(make_machine(memory, around.clock.wall())),
      left_(around.executor),
      changed_(around.executor),
      opened_(around.executor),
      at_rest_(around.executor) {
  at_rest_.set();
  if (!memory) return;
  digest_ = std::move(memory->settings_digest);
  patches_ = std::move(memory->patches);
  dir_ = std::move(memory->dir);
  totals_ = memory->totals;
  totals_of_dir_ = memory->totals_of_dir;
  for (const std::string& payload : memory->untold)
    if (auto event = read_hook_payload(payload))
      untold_.push_back({.event = std::move(*event), .stored = true});
  has_old_ends_ = !untold_.empty();
}

ManagedJob::~ManagedJob() = default;

coro::Task<> ManagedJob::live() {
  auto recounting = recount();
  co_await std::move(recounting);
  for (;;) {
    changed_.reset();
    if (leaving_) break;
    const Wall now = around_.clock.wall();
    const auto due = machine_.due(now);
    const bool is_due = due && *due <= now;
    if (is_due && around_.turns.take(name_)) {
      const Turn turn{around_};
      auto running = run_once();
      co_await std::move(running);
      continue;
    }
    if (!is_due && around_.turns.leave(name_)) around_.on_turn_free();
    const Millis wait = due && !is_due ? std::min(*due - now, wait_max) : wait_max;
    auto waiting = changed_.wait_until(std::chrono::steady_clock::now() + wait);
    co_await std::move(waiting);
  }
  if (around_.turns.leave(name_)) around_.on_turn_free();
}

coro::Task<> ManagedJob::run_once() {
  machine_.on_begin(around_.clock.wall());
  // At once: settings that come while it is stored are others than those that it is begun with.
  run_spec_ = std::make_shared<const crawl::JobSpec>(loaded_->spec);
  run_values_ = values_;
  auto saving = save();
  co_await std::move(saving);
  announce();
  std::optional<coro::Worker> files;
  RunResult result;
  // What can't be had for a run, such as a thread, fails the job and not the daemon.
  try {
    files.emplace("open", 4);
  } catch (const std::exception& error) {
    result = {RunResult::End::failure, fmt::format("no thread for its files: {}", error.what())};
  }
  if (files) {
    auto running = run_on(*files);
    result = co_await std::move(running);
  }
  if (result.end == RunResult::End::failure) log("jobs")->error("{}: {}", name_, result.detail);
  machine_.on_end(result, around_.clock.wall());
  at_rest_.set();
  at_once_ = false;
  tell_hooks(result);
  auto saving_end = save();
  co_await std::move(saving_end);
  tell_untold();
  announce();
}

coro::Task<RunResult> ManagedJob::run_on(coro::Worker& files) {
  coro::Outcome<crawl::CrawlEnd> outcome;
  auto crawling = crawl_once(files);
  co_await coro::capture(std::move(crawling), outcome);
  if (coro::is_cancellation(outcome.error())) std::rethrow_exception(outcome.error());
  const auto figures = run_ ? run_->progress().run : crawl::CrawlControl::Figures{};
  auto closing = close_run(files);
  co_await std::move(closing);
  RunResult result = result_of(outcome);
  result.fetched_nothing = figures.pages == 0 && figures.bytes_wire == 0;
  auto looking = when_due(files, result);
  result.next_due = co_await std::move(looking);
  co_return result;
}

coro::Task<crawl::CrawlEnd> ManagedJob::crawl_once(coro::Worker& files) {
  stops_ = 0;
  give_up_offline_ = false;
  const auto spec = run_spec_;
  const bool is_known = spec->output.dir == dir_ && totals_of_dir_;
  const crawl::StoreTotals had = is_known ? totals_ : crawl::StoreTotals{};
  const auto& memory = machine_.memory();
  JobRunOptions options{.again = memory.fetches_anew() ? crawl::Again::all : crawl::Again::nothing,
                        .limits_anew = memory.limits_anew,
                        .round = memory.round(),
                        .buckets = &around_.buckets,
                        .places = &around_.places,
                        .speed = &around_.speed,
                        .weight = spec->schedule.weight,
                        .descriptors = around_.descriptors_each,
                        .concurrency_max = around_.concurrency,
                        .on_host_event = on_host_event(),
                        .settings = settings_};
  // Not loaded_->spec: the loop may take other settings while the run is opened.
  auto opening = files.run([&] {
    const LogJob speaking{name_};  // for all threads that are begun there, too
    refuse_lost_folder(spec->output.dir, had);
    return std::make_unique<JobRun>(crawl::JobSpec{*spec}, std::move(options));
  });
  run_ = co_await std::move(opening);
  opened_.set();
  change_run();  // what came while it was opened
  obey();
  auto crawling = run_->crawler().run();
  auto end = co_await std::move(crawling);
  const bool whole = end.reason != crawl::StopReason::interrupted;
  if (whole && run_->job().output.convert_links) {
    auto converting = files.run([this] {
      const LogJob speaking{name_};
      make_offline_tree(run_->job(), give_up_offline_);
    });
    co_await std::move(converting);
  }
  co_return end;
}

// Closing joins threads and moves the database's log into it.
coro::Task<> ManagedJob::close_run(coro::Worker& files) {
  opened_.reset();
  at_rest_.reset();
  if (!run_) co_return;
  sample();
  add_metrics(metrics_before_, std::exchange(run_metrics_, {}));
  rates_.reset();
  progress_.reset();
  auto ended = std::move(run_);
  auto closing = files.run([&ended, this] {
    const LogJob speaking{name_};
    ended.reset();
  });
  co_await std::move(closing);
}

void ManagedJob::take(config::Loaded<config::LoadedJob> loaded) {
  if (loaded) {
    auto values = setting_values(*loaded);
    apply(std::move(*loaded), std::move(values));
    return;
  }
  note_errors(std::move(loaded.error()));
  if (machine_.is_live())
    log("jobs")->warn("{}: goes on with the settings before these errors", name_);
  announce();
}

void ManagedJob::take_or_stop(config::Loaded<config::LoadedJob> loaded) {
  if (loaded) return take(std::move(loaded));
  note_errors(std::move(loaded.error()));
  if (machine_.is_live()) log("jobs")->warn("{}: stops, since it may not do that any more", name_);
  machine_.restart();
  at_once_ = machine_.is_live();
  look_again();
  announce();
}

void ManagedJob::note_errors(std::vector<config::ConfigError> errors) {
  errors_ = std::move(errors);
  machine_.on_invalid();
  for (const auto& error : errors_) log("jobs")->error("{}", config::format_error(error));
}

Result<> ManagedJob::take_patches(std::vector<config::Override> patches, config::LoadedJob loaded) {
  if (run_) {
    auto changing = run_->change(crawl::live_settings(loaded.spec));
    if (!changing) return changing;
  }
  patches_ = std::move(patches);
  auto values = setting_values(loaded);
  apply(std::move(loaded), std::move(values));
  return {};
}

void ManagedJob::apply(config::LoadedJob loaded, SettingValues values) {
  errors_.clear();
  const std::string digest = settings_digest(values);
  const bool changed = digest != digest_;
  for (const auto& warning :
       changed ? config::warnings_of(loaded) : std::vector<config::ConfigError>{})
    log("jobs")->warn("{}: {}", name_, printable(config::format_error(warning)));
  if (loaded_)
    for (const auto& change : changes_between(values_, values))
      log("jobs")->info("{}: {}", name_, change.text);
  loaded_ = std::move(loaded);
  settings_ = config::print_job(*loaded_);
  values_ = std::move(values);
  digest_ = digest;
  if (dir_ != loaded_->spec.output.dir) totals_ = {};
  dir_ = loaded_->spec.output.dir;
  machine_.on_settings(plan(), changed, around_.clock.wall());
  if (machine_.is_live()) {
    const auto changes = changes_between(run_values_, values_);
    const auto other = std::ranges::find_if_not(
        changes, [](const SettingChange& change) { return applies_live(change.key); });
    if (other != changes.end()) {
      log("jobs")->info("{}: {} holds from a run's start on: this one stops and goes on with it",
                        name_, other->key);
      machine_.restart();
    } else {
      change_run();
    }
  }
  look_again();
  announce();
}

void ManagedJob::change_run() {
  if (!run_ || run_values_ == values_) return;
  const auto changes = changes_between(run_values_, values_);
  if (!std::ranges::all_of(changes, [](const auto& change) { return applies_live(change.key); }))
    return;
  if (auto changing = run_->change(crawl::live_settings(loaded_->spec)); !changing)
    return log("jobs")->error("{}: {}", name_, changing.error().detail);
  run_->crawler().set_weight(loaded_->spec.schedule.weight);
  run_->keep_settings(settings_);
  run_values_ = values_;
}

JobPlan ManagedJob::plan() const {
  const crawl::ScheduleSpec& spec = loaded_->spec.schedule;
  auto schedule = Schedule::parse(spec.when, spec.timezone);
  return {schedule ? std::move(*schedule) : Schedule{}, spec.catch_up,
          recrawl_pause(loaded_->spec)};
}

// The second cancel is as the second Ctrl-C.
std::expected<void, std::string> ManagedJob::command(JobCommand command) {
  if (command == JobCommand::cancel && machine_.is_cancelling()) stop_now();
  auto done = machine_.command(command, around_.clock.wall());
  if (!done) return done;
  look_again();
  announce();
  return done;
}

void ManagedJob::obey() {
  if (!run_) return;
  run_->crawler().pause(machine_.wants_pause());
  if (!machine_.wants_stop()) return;
  if (stops_ == 0) {
    run_->crawler().stop();
    ++stops_;
    give_up_offline_ = true;
  }
  if (at_once_) stop_now();
}

void ManagedJob::leave() {
  leaving_ = true;
  left_.set();
  machine_.shut_down();
  look_again();
  announce();
}

void ManagedJob::stop_now() {
  if (run_ && stops_ == 1) {
    run_->crawler().stop();
    ++stops_;
  }
}

void ManagedJob::look_again() {
  obey();
  changed_.set();
}

// Until one is open. It may be a short one, which has come and gone whenever this looks.
coro::Task<Answer<void>> ManagedJob::have_run() {
  const auto give_up = std::chrono::steady_clock::now() + push_wait;
  for (bool asked = false;;) {
    // A run that is being closed takes nothing any more; the next one does.
    auto resting = coro::within(push_wait, at_rest_.wait());
    if (!co_await std::move(resting))
      co_return refuse(Refusal::unavailable, "the run is ending; push again");
    if (run_) co_return Answer<void>{};
    if (std::chrono::steady_clock::now() >= give_up)
      co_return refuse(Refusal::unavailable,
                       "the job has no place among the running jobs yet; nothing was queued");
    if (asked && machine_.state() == JobState::failed)
      co_return refuse(Refusal::wrong_state, "the run failed: " + machine_.detail());
    const bool is_coming = machine_.is_live() || machine_.state() == JobState::waiting;
    if (!asked || !is_coming) {
      if (auto wanted = machine_.want_run(); !wanted)
        co_return refuse(Refusal::wrong_state, wanted.error());
      asked = true;
      auto saving = save();
      co_await std::move(saving);
      look_again();
      announce();
    }
    auto opening = coro::within(push_look, opened_.wait());
    co_await std::move(opening);
  }
}

coro::Task<Answer<crawl::Pushed>> ManagedJob::push(std::vector<std::string> urls) {
  auto having = have_run();
  if (const auto had = co_await std::move(having); !had) co_return std::unexpected(had.error());
  if (!run_) co_return refuse(Refusal::unavailable, "the run is ending; push again");
  auto pushing = run_->crawler().push(std::move(urls));
  const auto pushed = co_await std::move(pushing);
  if (pushed) co_return *pushed;
  if (pushed.error().code == Errc::cancelled)
    co_return refuse(Refusal::unavailable, "the run is ending; push again");
  co_return refuse(Refusal::wrong_state, pushed.error().message());
}

}  // namespace trawl::service
