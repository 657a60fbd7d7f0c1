// A hook's grandchildren, and those of one that was killed, fall to process 1. The program can't
// reap them itself: it would take the ends of its own hooks from those who wait for them.
#include "service/run/init_process.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace trawl::service {
namespace {

// Of the child, once it has ended; -1: it goes on.
int reap(pid_t child) {
  int code = -1, status = 0;
  for (pid_t ended = 0; (ended = ::waitpid(-1, &status, WNOHANG)) > 0;)
    if (ended == child) code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return code;
}

int watch(pid_t child, const sigset_t& signals) {
  for (;;) {
    siginfo_t info{};
    const int number = ::sigwaitinfo(&signals, &info);
    if (number == SIGCHLD) {
      if (const int code = reap(child); code >= 0) return code;
    } else if (number > 0 && info.si_code != SI_KERNEL) {
      ::kill(child, number);  // what a terminal sends has reached the child, too
    }
  }
}

}  // namespace

int run_as_init(const std::function<int()>& work) {
  if (::getpid() != 1) return work();
  sigset_t signals, before;
  ::sigfillset(&signals);
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) ::sigdelset(&signals, fault);
  ::sigprocmask(SIG_BLOCK, &signals, &before);
  const pid_t child = ::fork();
  if (child > 0) return watch(child, signals);
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  return work();  // in the child; or here, where there is no other process to be had
}

}  // namespace trawl::service
