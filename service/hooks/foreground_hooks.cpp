// The foreground's hooks stand outside of the run, so that they also hear of one that never began.
#include "core/base/clock.hpp"
#include "core/coro/group.hpp"
#include "core/crawl/job/job.hpp"
#include "service/hooks/desk.hpp"
#include "service/hooks/hooks.hpp"
#include "storage/open.hpp"
#include "storage/sqlite/run_table.hpp"
#include "storage/sqlite/stats.hpp"

#include <exception>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

namespace trawl::service {
namespace {

HookEvent event_of(HookKind kind, const crawl::JobSpec& job) {
  HookEvent event{.kind = kind,
                  .job = job.name,
                  .dir = std::filesystem::absolute(job.output.dir).string(),
                  .at = system_clock().wall()};
  try {
    auto db = storage::open_results(job.output.dir);
    event.totals = storage::read_stats(db, 0).totals;
  } catch (const Failure&) {
    // A folder that can't be read has no totals; why is in the event's detail.
  }
  return event;
}

// Which limit ended the last run.
std::string limit_of(const crawl::JobSpec& job) {
  try {
    auto db = storage::open_results(job.output.dir);
    const auto runs = storage::read_runs(db, 1);
    return runs.empty() ? std::string{} : runs.back().detail;
  } catch (const Failure&) {
    return {};  // as above
  }
}

// What went wrong, or nothing for what cancelled the run.
std::string what_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& exception) {
    return coro::is_cancellation(error) ? std::string{} : exception.what();
  }
}

struct HookedRun {
  std::shared_ptr<const crawl::JobSpec> job;
  HookDesk& desk;
  BeginRun& begin;
  std::exception_ptr error = {};
  ExitCode code = ExitCode::ok;
};

// Only for whoever wants to know is the folder read.
bool wants(const HookedRun& run, HookKind kind) {
  return !hook_target(run.job->hooks, kind).off();
}

void post_end(HookedRun& run) {
  if (!wants(run, HookKind::finish)) return;
  HookEvent event = event_of(HookKind::finish, *run.job);
  event.end = run.code == ExitCode::ok ? "done" : "limit";
  if (run.code == ExitCode::limit) event.detail = limit_of(*run.job);
  run.desk.post(run.job, std::move(event));
}

void post_error(HookedRun& run, const std::string& what) {
  if (!wants(run, HookKind::error)) return;
  HookEvent event = event_of(HookKind::error, *run.job);
  event.detail = what;
  run.desk.post(run.job, std::move(event));
}

coro::Task<> run_beside_hooks(HookedRun& run, coro::Group& group) {
  run.desk.run(group);
  auto running = run.begin([&desk = run.desk, job = run.job](const crawl::HostEvent& event) {
    post_host_event(desk, job, event);
  });
  coro::Outcome<ExitCode> outcome;
  co_await coro::capture(std::move(running), outcome);
  run.error = outcome.error();
  if (!run.error) run.code = outcome.take();
  if (run.error) {
    if (const std::string what = what_of(run.error); !what.empty()) post_error(run, what);
  } else if (run.code == ExitCode::ok || run.code == ExitCode::limit) {
    post_end(run);
  } else {
    group.cancel();  // nobody waits for a receiver after Ctrl-C
  }
  run.desk.finish();
}

}  // namespace

coro::Task<ExitCode> run_with_hooks(crawl::JobSpec job, BeginRun begin) {
  // Before the run: what is wrong with a secret's file is said at once.
  {
    const Hooks check{co_await coro::asio::this_coro::executor, job};
  }
  HookDesk desk;
  HookedRun run{
      .job = std::make_shared<const crawl::JobSpec>(std::move(job)), .desk = desk, .begin = begin};
  auto running = coro::with_group(run_beside_hooks, std::ref(run));
  co_await std::move(running);
  if (run.error) std::rethrow_exception(run.error);
  co_return run.code;
}

}  // namespace trawl::service
