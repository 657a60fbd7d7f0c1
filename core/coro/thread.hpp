#pragma once
// run_on_thread: a task on a loop and thread of its own, awaited from here.

#include "core/coro/loop.hpp"
#include "core/coro/task.hpp"

#include <functional>
#include <string>

namespace trawl::coro {

// Starts a thread, runs make_task() there as the loop's root, and returns when it has ended; throws
// what it throws. Cancelled, it cancels the task there and still awaits it. make_task runs on the
// new thread; what it refers to must outlive the call.
Task<> run_on_thread(Loop& loop, std::string name, std::function<Task<>()> make_task);

}  // namespace trawl::coro
