// posix_spawn, since a fork of a process with threads and much memory is neither safe nor cheap; a
// pidfd, so that the end of the program is one more thing that the loop waits for.
#include "service/hooks/command.hpp"

#include "core/coro/timeout.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>
#include <utility>

namespace trawl::service {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

// A started program; if it still runs when this ends, it is killed with its children.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  ~Child() {
    if (reaped_) return;
    ::kill(-pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  // Once the pidfd says that it has ended.
  int reap() {
    int status = 0;
    reaped_ = ::waitpid(pid_, &status, 0) == pid_;
    return status;
  }

 private:
  pid_t pid_;
  bool reaped_ = false;
};

// The text as a file that is only in memory: a pipe would want someone who writes into it.
int memory_file(const std::string& text) {
  const int fd = ::memfd_create("trawl-hook", MFD_CLOEXEC);
  if (fd < 0) return -1;
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t written = ::write(fd, rest.data(), rest.size());
    if (written <= 0) break;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  ::lseek(fd, 0, SEEK_SET);
  return fd;
}

std::vector<std::string> environment_of(const HookCommand& command) {
  std::vector<std::string> all;
  for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry)
    if (!std::string_view{*entry}.starts_with("TRAWL_")) all.emplace_back(*entry);
  for (const auto& [name, value] : command.environment) all.push_back(name + "=" + value);
  return all;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Signals as they are by default, no descriptors but the three.
int spawn(const HookCommand& command, int input, pid_t& pid) {
  auto words = command.words;
  auto environment = environment_of(command);
  const auto argv = pointers_to(words), envp = pointers_to(environment);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none, all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(
      &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  const int error =
      ::posix_spawn(&pid, words.front().c_str(), &actions, &attributes, argv.data(), envp.data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  return error;
}

coro::Task<> wait_for_end(int pidfd) {
  coro::asio::posix::stream_descriptor ending{co_await coro::asio::this_coro::executor, pidfd};
  co_await ending.async_wait(coro::asio::posix::stream_descriptor::wait_read,
                             coro::asio::use_awaitable);
}

}  // namespace

coro::Task<Result<>> run_hook_command(HookCommand command) {
  const Descriptor input{memory_file(command.input)};
  pid_t pid = 0;
  const int error = spawn(command, input.get(), pid);
  if (error != 0)
    co_return fail(Errc::not_found,
                   fmt::format("{}: {}", command.words.front(), std::strerror(error)));
  Child child{pid};
  Descriptor pidfd{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
  if (pidfd.get() < 0)
    co_return fail(Errc::io, fmt::format("pidfd_open: {}", std::strerror(errno)));
  auto waiting = coro::within(command.timeout, wait_for_end(pidfd.release()));
  const bool ended = co_await std::move(waiting);
  if (!ended)
    co_return fail(Errc::total_timeout,
                   fmt::format("{} was killed: it took longer than {} ms", command.words.front(),
                               command.timeout.count()));
  const int status = child.reap();
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) co_return Result<>{};
  co_return fail(
      Errc::io,
      WIFEXITED(status)
          ? fmt::format("{} ended with code {}", command.words.front(), WEXITSTATUS(status))
          : fmt::format("{} was ended by signal {}", command.words.front(), WTERMSIG(status)));
}

}  // namespace trawl::service
