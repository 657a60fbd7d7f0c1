#pragma once
// Hooks: tells others what becomes of a job, as its [hooks] say: by a signed POST or by a command.
// A hook that fails costs the crawl nothing but a line in the log. Of one loop.

#include "core/coro/task.hpp"
#include "core/crawl/job.hpp"
#include "core/http/session.hpp"
#include "service/exit_code.hpp"
#include "service/hooks/event.hpp"

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

// For jobs that came over the API: they may not start programs on this machine unless the daemon
// permits commands, read files of it, or widen the networks that it allows. Errors: Errc::config
// with the key and why.
Result<> check_submitted_hooks(const crawl::HookSpec& spec, bool commands_allowed,
                               const std::vector<std::string>& networks_allowed);

// A run in the foreground, and its hooks behind it: on_finish when it came to its end, on_error
// when it threw, which it then does all the same.
coro::Task<ExitCode> run_with_hooks(const crawl::JobSpec& job, coro::Task<ExitCode> running);

}  // namespace trawl::service
