// A fork, not a program of its own, since the work is a function of this one. The child starts no
// thread and takes no lock that another thread of its parent may have held: the allocators keep
// themselves usable in it. It closes what it has inherited, so that it holds no folder's lock. The
// kernel ends it when its time is over (SIGPROF), so nobody has to watch it.
#include "service/records/worker_process.hpp"

#include "core/base/errno_text.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <optional>

namespace trawl::service {
namespace {

// False at the end of the file, or at an error.
bool read_whole(int socket, char* to, std::size_t size) {
  while (size > 0) {
    const ssize_t got = ::recv(socket, to, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

bool write_whole(int socket, const char* from, std::size_t size) {
  while (size > 0) {
    const ssize_t sent = ::send(socket, from, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    from += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}

// Each text goes with its length before it.
std::optional<std::string> receive(int socket) {
  std::uint32_t size = 0;
  if (!read_whole(socket, reinterpret_cast<char*>(&size), sizeof size)) return std::nullopt;
  std::string text(size, '\0');
  if (!read_whole(socket, text.data(), text.size())) return std::nullopt;
  return text;
}

bool send(int socket, std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  return write_whole(socket, reinterpret_cast<const char*>(&size), sizeof size) &&
         write_whole(socket, text.data(), text.size());
}

void set_time(std::chrono::seconds time) {
  const itimerval timer{.it_interval = {}, .it_value = {.tv_sec = time.count(), .tv_usec = 0}};
  ::setitimer(ITIMER_PROF, &timer, nullptr);
}

}  // namespace

Error WorkerProcess::error_of(std::optional<int> end) const {
  const std::string time = fmt::format("more than {} s of processor time", time_max_.count());
  if (!end) return {Errc::limit_exceeded, fmt::format("it takes {}, or breaks its process", time)};
  if (WIFSIGNALED(*end) && WTERMSIG(*end) == SIGPROF)
    return {Errc::limit_exceeded, fmt::format("it takes {}", time)};
  return {Errc::internal, WIFSIGNALED(*end)
                              ? fmt::format("its process ended by signal {}", WTERMSIG(*end))
                              : fmt::format("its process ended with {}", WEXITSTATUS(*end))};
}

Result<std::string> WorkerProcess::ask(std::string_view text) {
  if (has_ended()) end();  // somebody has ended it since
  if (pid_ < 0)
    if (auto begun = begin(); !begun) return std::unexpected(begun.error());
  try {
    if (send(socket_, text))
      if (auto answer = receive(socket_)) return std::move(*answer);
  } catch (...) {
    end();  // what is left of the answer would be the next one's
    throw;
  }
  return std::unexpected(error_of(end()));
}

// Of one that has been asked nothing, which says nothing.
bool WorkerProcess::has_ended() const {
  char byte = 0;
  return pid_ >= 0 && ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

Result<> WorkerProcess::begin() {
  std::array<int, 2> ends{};
  const auto failed = [](int error) {
    return fail(Errc::io, fmt::format("no process can be begun: {}", errno_text(error)));
  };
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return failed(errno);
  // Where the standard streams were closed, their numbers are free.
  const int child = ::fcntl(ends[1], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  const pid_t pid = child < 0 ? -1 : ::fork();
  if (pid == 0) {
    if (ends[0] == STDERR_FILENO) ::close(STDERR_FILENO);
    work(child);
  }
  const int error = errno;
  ::close(ends[1]);
  if (child >= 0) ::close(child);
  if (pid < 0) {
    ::close(ends[0]);
    return failed(error);
  }
  pid_ = pid;
  socket_ = ends[0];
  return {};
}

std::optional<int> WorkerProcess::end() {
  if (pid_ < 0) return std::nullopt;
  ::close(socket_);
  int status = 0;
  pid_t ended = -1;
  do {
    ended = ::waitpid(pid_, &status, 0);
  } while (ended < 0 && errno == EINTR);
  pid_ = socket_ = -1;
  return ended > 0 ? std::optional{status} : std::nullopt;
}

// Nothing may leave it but by its end: what stands behind begin() is the parent's.
void WorkerProcess::work(int socket) const noexcept {
  for (const int signal : {SIGTERM, SIGPROF, SIGHUP, SIGINT, SIGUSR1, SIGUSR2})
    ::signal(signal, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
  ::close(STDIN_FILENO);
  ::close(STDOUT_FILENO);
  if (socket > STDERR_FILENO + 1) ::close_range(STDERR_FILENO + 1, socket - 1, 0);
  ::close_range(socket + 1, ~0U, 0);
  try {
    while (auto text = receive(socket)) {
      set_time(time_max_);
      const std::string answer = work_(*text);
      set_time(std::chrono::seconds{0});
      if (!send(socket, answer)) break;
    }
  } catch (...) {
    ::_exit(EXIT_FAILURE);
  }
  ::_exit(EXIT_SUCCESS);
}

}  // namespace trawl::service
