#pragma once
// A program that is told of an event: started without a shell, in a process group of its own, with
// nothing of ours open, waited for on the loop, and killed with all its children when its time is
// up or the task is cancelled.

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/coro/task.hpp"

#include <string>
#include <utility>
#include <vector>

namespace trawl::service {

struct HookCommand {
  std::vector<std::string> words;  // a whole path, then arguments
  // On top of this process's, of which what begins with TRAWL_ is left out: it may be secret.
  std::vector<std::pair<std::string, std::string>> environment;
  std::string input;  // of its standard input; its output goes to our standard error
  Millis timeout{10'000};
};

// Errors: Errc::not_found when it can't be started, Errc::total_timeout when it was killed,
// Errc::io for an exit code other than 0 or a signal.
coro::Task<Result<>> run_hook_command(HookCommand command);

}  // namespace trawl::service
