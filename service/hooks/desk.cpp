// Each delivery has a session of its own: events are rare, and jobs differ in what they allow.
#include "service/hooks/desk.hpp"

#include "core/base/clock.hpp"
#include "core/base/log.hpp"
#include "core/base/result.hpp"
#include "service/hooks/hooks.hpp"

#include <filesystem>
#include <utility>

namespace trawl::service {
namespace {

// A secret's file that went missing since the job began is no reason to end; nor is that there is
// no descriptor or thread to be had, which libraries throw as errors of their own.
// Whether an attempt was made.
coro::Task<bool> tell(std::shared_ptr<const crawl::JobSpec> job, HookEvent event) {
  try {
    Hooks hooks{co_await coro::asio::this_coro::executor, *job};
    auto telling = hooks.tell(std::move(event));
    co_await std::move(telling);
    co_return true;
  } catch (const Failure& failure) {
    log("hooks")->error("{}: {}", job->name, failure.error().detail);
  } catch (const boost::system::system_error& error) {
    if (coro::is_cancellation(error)) throw;
    log("hooks")->error("{}: {}", job->name, error.what());
  } catch (const std::exception& error) {
    log("hooks")->error("{}: {}", job->name, error.what());
  }
  co_return false;
}

}  // namespace

bool HookDesk::post(std::shared_ptr<const crawl::JobSpec> job, HookEvent event,
                    std::function<void(bool tried)> on_done) {
  if (hook_target(job->hooks, event.kind).off()) return false;
  const HookKind kind = event.kind;
  const std::string name = job->name;
  const bool is_kept = static_cast<bool>(on_done);
  Posted posted{std::move(job), std::move(event), std::move(on_done)};
  if (events_.try_send(posted)) return true;
  if (!is_kept)
    log("hooks")->error("{}: on_{}: dropped, since {} events wait already", name, to_string(kind),
                        waiting_max);
  return false;
}

void HookDesk::run(coro::Group& group) {
  for (std::size_t i = 0; i < deliveries_at_once; ++i) group.spawn(deliver());
}

void post_host_event(HookDesk& desk, std::shared_ptr<const crawl::JobSpec> job,
                     const crawl::HostEvent& event) {
  using crawl::HostMood;
  if (event.state != HostMood::left_alone && event.state != HostMood::given_up) return;
  HookEvent blocked{.kind = HookKind::host_blocked,
                    .job = job->name,
                    .dir = std::filesystem::absolute(job->output.dir).string(),
                    .at = system_clock().wall(),
                    .detail = event.why,
                    .host = event.host,
                    .until = event.until};
  desk.post(std::move(job), std::move(blocked));
}

coro::Task<> HookDesk::deliver() {
  for (;;) {
    auto waiting = events_.next();
    auto posted = co_await std::move(waiting);
    if (!posted) co_return;
    auto telling = tell(std::move(posted->job), std::move(posted->event));
    const bool tried = co_await std::move(telling);
    if (posted->on_done) posted->on_done(tried);
  }
}

}  // namespace trawl::service
