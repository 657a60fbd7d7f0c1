#pragma once
// What the first process of a container owes to the others there (pid_namespaces(7)): what they
// leave behind is reaped, and signals reach the program.

#include <functional>

namespace trawl::service {

// As process 1, runs `work` in a child, hands signals on to it, reaps what has lost its parent, and
// gives the child's exit code (128 and its signal, when one ended it). As any other process, just
// runs it. Before there are other threads.
int run_as_init(const std::function<int()>& work);

}  // namespace trawl::service
