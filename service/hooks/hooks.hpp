#pragma once
// Hooks: tells others what becomes of a job, as its [hooks] say: by a signed POST or by a command.
// A hook that fails costs the crawl nothing but a line in the log. Of one loop.

#include "core/coro/task.hpp"
#include "core/crawl/hosts/host_event.hpp"
#include "core/crawl/job/job.hpp"
#include "core/http/client/session.hpp"
#include "service/hooks/event.hpp"
#include "service/run/exit_code.hpp"

#include <functional>
#include <string>
#include <vector>

namespace trawl::service {

const crawl::HookTarget& hook_target(const crawl::HookSpec& spec, HookKind kind);

class Hooks {
 public:
  // Reads the secret and, as the job's fetches do, the hosts file. Throws Failure{config} when one
  // of them is no good.
  Hooks(const coro::Executor& executor, const crawl::JobSpec& job);

  // Whether there is somebody to tell of it.
  bool wants(HookKind kind) const;

  // Delivers it, with all its attempts; false when that failed, which the log says. Loop thread.
  coro::Task<bool> tell(HookEvent event);

 private:
  coro::Task<bool> post_webhook(const crawl::HookTarget& target, const HookEvent& event);
  coro::Task<bool> run_command(const crawl::HookTarget& target, const HookEvent& event);

  crawl::HookSpec spec_;
  std::string secret_;
  http::Session session_;
};

// A run in the foreground, and its hooks beside it: on_host_blocked while it goes on, on_finish
// when it came to its end, on_error when it threw, which it then does all the same. begin: is given
// whom to tell of hosts.
using BeginRun = std::function<coro::Task<ExitCode>(crawl::OnHostEvent)>;
coro::Task<ExitCode> run_with_hooks(crawl::JobSpec job, BeginRun begin);

}  // namespace trawl::service
