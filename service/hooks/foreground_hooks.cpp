// The foreground's hooks stand outside of the run, so that they also hear of one that never began.
#include "core/base/clock.hpp"
#include "core/crawl/job.hpp"
#include "service/hooks/hooks.hpp"
#include "storage/open.hpp"
#include "storage/sqlite/stats.hpp"

#include <exception>
#include <filesystem>
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

// What went wrong, or nothing for what cancelled the run.
std::string what_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& exception) {
    return coro::is_cancellation(error) ? std::string{} : exception.what();
  }
}

}  // namespace

coro::Task<ExitCode> run_with_hooks(const crawl::JobSpec& job, coro::Task<ExitCode> running) {
  // Before the run: what is wrong with a secret's file is said at once.
  Hooks hooks{co_await coro::asio::this_coro::executor, job};
  ExitCode code = ExitCode::ok;
  std::exception_ptr error;
  try {
    code = co_await std::move(running);
  } catch (...) {
    error = std::current_exception();
  }
  const std::string what = error ? what_of(error) : std::string{};
  if (!what.empty() && hooks.wants(HookKind::error)) {
    HookEvent event = event_of(HookKind::error, job);
    event.detail = what;
    auto telling = hooks.tell(std::move(event));
    co_await std::move(telling);
  }
  if (error) std::rethrow_exception(error);
  const bool finished = code == ExitCode::ok || code == ExitCode::limit;
  if (finished && hooks.wants(HookKind::finish)) {
    HookEvent event = event_of(HookKind::finish, job);
    event.end = code == ExitCode::ok ? "done" : "limit";
    auto telling = hooks.tell(std::move(event));
    co_await std::move(telling);
  }
  co_return code;
}

}  // namespace trawl::service
