// What a job is to others: how its state is announced, how a run ended and whom it tells of that
// and of hosts, when the next one is due, and what is stored of the job.
#include "core/base/log.hpp"
#include "service/daemon/job_events.hpp"
#include "service/daemon/managed_job.hpp"
#include "service/hooks/hooks.hpp"
#include "storage/open.hpp"
#include "storage/sqlite/history_table.hpp"
#include "storage/sqlite/stats.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace trawl::service {
namespace {

constexpr std::size_t untold_max = 16;  // of a job, the newest ones
constexpr Millis try_again_max{3'600'000};

}  // namespace

void ManagedJob::announce() {
  const JobState state = machine_.state();
  const std::string& detail = machine_.detail();
  std::string text = detail.empty() ? std::string{to_string(state)}
                                    : fmt::format("{} ({})", to_string(state), detail);
  std::string file = digest_;
  for (const auto& error : errors_) file += '\n' + config::format_error(error);
  if (text == announced_ && file == announced_file_) return;
  if (announced_.empty())
    log("jobs")->info("{}: {}", name_, text);
  else if (text != announced_)
    log("jobs")->info("{}: {} → {}", name_, announced_, text);
  announced_ = std::move(text);
  announced_file_ = std::move(file);
  if (around_.watchers.anyone()) around_.watchers.tell({"state", name_, state_data(overview())});
}

// Called by the crawl's threads, which all end before the run is closed.
crawl::OnHostEvent ManagedJob::on_host_event() {
  return [&around = around_, name = name_, job = run_spec_](const crawl::HostEvent& event) {
    if (around.watchers.anyone()) around.watchers.tell({"host", name, host_data(name, event)});
    post_host_event(around.hooks, job, event);
  };
}

RunResult ManagedJob::result_of(coro::Outcome<crawl::CrawlEnd>& outcome) const {
  using End = RunResult::End;
  try {
    const crawl::CrawlEnd end = outcome.take();
    if (end.reason == crawl::StopReason::done) return {End::done, {}};
    if (end.reason == crawl::StopReason::limit) return {End::limit, end.detail};
    return {End::interrupted, {}};
  } catch (const Failure& failure) {
    return {End::failure, failure.error().message()};
  } catch (const std::exception& error) {
    return {End::failure, fmt::format("internal error: {}", error.what())};
  }
}

void ManagedJob::tell_hooks(const RunResult& result) {
  using End = RunResult::End;
  const auto job = std::exchange(run_spec_, nullptr);
  if (!job || result.end == End::interrupted) return;
  HookEvent event{.kind = result.end == End::failure ? HookKind::error : HookKind::finish,
                  .job = name_,
                  .dir = dir_.string(),
                  .at = around_.clock.wall(),
                  .end = result.end == End::done    ? "done"
                         : result.end == End::limit ? "limit"
                                                    : "",
                  .detail = result.detail,
                  .totals = totals_};
  if (hook_target(job->hooks, event.kind).off()) return;
  if (untold_.size() == untold_max) untold_.erase(untold_.begin());
  untold_.push_back({.event = std::move(event)});
}

// Ends that are stored by now, those of a daemon that was killed too: the receiver may have them,
// and knows them by their ids. What finds no place among those that wait is posted another time.
void ManagedJob::tell_untold() {
  if (untold_.empty() || !loaded_) return;
  const auto has_no_hook = [this](const Untold& each) {
    return !each.posted && hook_target(loaded_->spec.hooks, each.event.kind).off();
  };
  if (std::erase_if(untold_, has_no_hook) > 0) told_ = true;
  if (std::exchange(has_old_ends_, false) && !untold_.empty())
    log("jobs")->info("{}: telling its hooks of {} that the last daemon did not", name_,
                      untold_.size() == 1 ? "an end" : fmt::format("{} ends", untold_.size()));
  std::shared_ptr<const crawl::JobSpec> job;
  for (Untold& each : untold_) {
    if (!each.stored || each.posted || around_.clock.now() < each.not_before) continue;
    if (!job) job = std::make_shared<const crawl::JobSpec>(loaded_->spec);
    each.posted = around_.hooks.post(
        job, each.event,
        [this, alive = std::weak_ptr{alive_}, id = hook_id(each.event)](bool tried) {
          if (!alive.expired()) on_told(id, tried);
        });
  }
}

void ManagedJob::on_told(const std::string& id, bool tried) {
  const auto is_it = [&id](const Untold& each) { return hook_id(each.event) == id; };
  if (tried) {
    told_ = std::erase_if(untold_, is_it) > 0 || told_;
    return;
  }
  // A secret that is missing, say, may be put there.
  for (Untold& each : untold_) {
    if (!is_it(each)) continue;
    each.posted = false;
    each.not_before = around_.clock.now() + each.wait;
    each.wait = std::min(2 * each.wait, try_again_max);
  }
}

// When the first page of a job with [recrawl] is to be fetched again; nothing when that can't be
// read, which costs a run and no more. A limit may have let no page be fetched, and what it left
// has its turn all the same.
coro::Task<std::optional<Wall>> ManagedJob::when_due(coro::Worker& files, const RunResult& result) {
  using End = RunResult::End;
  const auto interval = crawl::recrawl_interval(loaded_->spec.recrawl);
  if (!interval || (result.end != End::done && result.end != End::limit)) co_return std::nullopt;
  auto reading = files.run([dir = dir_]() -> std::optional<Wall> {
    try {
      auto db = storage::open_results(dir);
      return storage::next_due(db);
    } catch (const Failure& failure) {
      log("jobs")->warn("{}: when pages are due can't be read: {}", dir.string(),
                        failure.error().message());
      return std::nullopt;
    }
  });
  const auto due = co_await std::move(reading);
  if (due || result.end == End::done) co_return due;
  co_return around_.clock.wall() + interval->min;
}

// A run that a crash ended has fetched more than the ledger knows of, and may be paused for days.
coro::Task<> ManagedJob::recount() {
  if (leaving_ || dir_.empty() || !machine_.memory().open) co_return;
  const auto dir = dir_;
  auto reading = around_.files.run([&dir, this]() -> std::optional<crawl::StoreTotals> {
    if (leaving_) return std::nullopt;
    try {
      auto db = storage::open_results(dir);
      return storage::last_totals(db);
    } catch (const Failure& failure) {  // the next run has the same trouble, and tells of it
      log("jobs")->debug("{}: can't be counted: {}", dir.string(), failure.error().message());
      return std::nullopt;
    }
  });
  const auto totals = co_await std::move(reading);
  // Other settings may have come meanwhile, with another folder.
  if (!totals || run_ || dir_ != dir) co_return;
  totals_ = *totals;
  totals_of_dir_ = true;
}

LedgerEntry ManagedJob::entry() const {
  LedgerEntry entry{.name = name_,
                    .memory = machine_.memory(),
                    .settings_digest = digest_,
                    .totals = totals_,
                    .patches = patches_,
                    .dir = dir_,
                    .file = source_.file,
                    .totals_of_dir = totals_of_dir_};
  for (const Untold& each : untold_) entry.untold.push_back(hook_payload(each.event));
  // A cancel outlives a crash too; other stops are no state of the job.
  if (machine_.is_cancelling()) entry.memory.state = JobState::stopping;
  return entry;
}

coro::Task<bool> ManagedJob::save() {
  told_ = false;
  first_records_ = false;
  std::vector<std::string> ids;  // that are stored with it
  for (const Untold& each : untold_) ids.push_back(hook_id(each.event));
  auto saving = around_.ledger.save(entry());
  const auto saved = co_await std::move(saving);
  for (Untold& each : untold_)
    if (saved && std::ranges::count(ids, hook_id(each.event)) > 0) each.stored = true;
  if (!saved && !unsaved_)
    log("jobs")->error("{}: its state can't be stored, which is tried again: {}", name_,
                       saved.error().message());
  if (saved && unsaved_) log("jobs")->info("{}: its state is stored again", name_);
  unsaved_ = !saved;
  co_return saved.has_value();
}

}  // namespace trawl::service
