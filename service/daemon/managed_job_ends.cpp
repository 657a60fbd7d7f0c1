// What a job is to others: how its state is announced, whom it tells of hosts and of an end, when
// the next one is due, and what is stored of the job.
#include "core/base/log.hpp"
#include "service/daemon/job_events.hpp"
#include "service/daemon/managed_job.hpp"
#include "service/hooks/hooks.hpp"
#include "storage/open.hpp"
#include "storage/sqlite/history_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace trawl::service {
namespace {

constexpr std::size_t untold_max = 16;  // of a job, the newest ones

}  // namespace

void ManagedJob::announce() {
  const JobState state = machine_.state();
  const std::string& detail = machine_.detail();
  std::string text = detail.empty() ? std::string{to_string(state)}
                                    : fmt::format("{} ({})", to_string(state), detail);
  if (text == announced_) return;
  if (announced_.empty())
    log("jobs")->info("{}: {}", name_, text);
  else
    log("jobs")->info("{}: {} → {}", name_, announced_, text);
  announced_ = std::move(text);
  if (around_.watchers.anyone()) around_.watchers.tell({"state", name_, state_data(overview())});
}

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
  if (hook_target(job->hooks, event.kind).off()) return;
  if (untold_.size() == untold_max) untold_.erase(untold_.begin());
  untold_.push_back(event);
  post_untold(job, event);
}

void ManagedJob::post_untold(const std::shared_ptr<const crawl::JobSpec>& job,
                             const HookEvent& event) {
  around_.hooks.post(job, event, [this, alive = std::weak_ptr{alive_}, id = hook_id(event)] {
    if (alive.expired()) return;
    std::erase_if(untold_, [&id](const HookEvent& each) { return hook_id(each) == id; });
    told_ = true;
  });
}

// What the daemon was stopped over, by whatever: the receiver may have it, and knows it by its id.
void ManagedJob::tell_again() {
  if (untold_.empty() || !loaded_) return;
  const auto job = std::make_shared<const crawl::JobSpec>(loaded_->spec);
  log("jobs")->info("{}: telling its hooks of {} that the last daemon did not", name_,
                    untold_.size() == 1 ? "an end" : fmt::format("{} ends", untold_.size()));
  for (const HookEvent& event : untold_) post_untold(job, event);
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
  for (const HookEvent& event : untold_) entry.untold.push_back(hook_payload(event));
  // A cancel outlives a crash too; other stops are no state of the job.
  if (machine_.is_cancelling()) entry.memory.state = JobState::stopping;
  return entry;
}

coro::Task<bool> ManagedJob::save() {
  told_ = false;
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
