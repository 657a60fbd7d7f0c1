// What a run is to others: whom it tells of hosts and of its end, when the next one is due, and
// what is stored of the job.
#include "core/base/log.hpp"
#include "service/daemon/job_events.hpp"
#include "service/daemon/managed_job.hpp"
#include "storage/open.hpp"
#include "storage/sqlite/history_table.hpp"

#include <utility>

namespace trawl::service {

// Called by the crawl's threads, which all end before the run is closed.
crawl::OnHostEvent ManagedJob::on_host_event() {
  return [&around = around_, name = name_, job = run_spec_](const crawl::HostEvent& event) {
    if (around.watchers.anyone()) around.watchers.tell({"host", name, host_data(name, event)});
    post_host_event(around.hooks, job, event);
  };
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
  around_.hooks.post(job, std::move(event));
}

// When the first page of a job with [recrawl] is to be fetched again; nothing when that can't be
// read, which costs a run and no more.
coro::Task<std::optional<Wall>> ManagedJob::when_due(coro::Worker& files, const RunResult& result) {
  const bool recrawls = crawl::recrawl_interval(loaded_->spec.recrawl).has_value();
  if (!recrawls || result.end != RunResult::End::done) co_return std::nullopt;
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
  co_return co_await std::move(reading);
}

LedgerEntry ManagedJob::entry() const {
  LedgerEntry entry{.name = name_,
                    .memory = machine_.memory(),
                    .settings_digest = digest_,
                    .totals = totals_,
                    .patches = patches_,
                    .dir = dir_,
                    .file = source_.file};
  // A cancel outlives a crash too; other stops are no state of the job.
  if (machine_.is_cancelling()) entry.memory.state = JobState::stopping;
  return entry;
}

coro::Task<bool> ManagedJob::save() {
  auto saving = around_.ledger.save(entry());
  const auto saved = co_await std::move(saving);
  if (!saved && !unsaved_)
    log("jobs")->error("{}: its state can't be stored, which is tried again: {}", name_,
                       saved.error().message());
  if (saved && unsaved_) log("jobs")->info("{}: its state is stored again", name_);
  unsaved_ = !saved;
  co_return saved.has_value();
}

}  // namespace trawl::service
