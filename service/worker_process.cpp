// A fork, not a program of its own, since the work is a function of this one. The child starts no
// thread and takes no lock that another thread of its parent may have held: the allocators keep
// themselves usable in it. It closes what it has inherited, so that it holds no folder's lock. The
// kernel ends it when its time is over (SIGPROF), so nobody has to watch it.
#include "service/worker_process.hpp"

#include "core/base/errno_text.hpp"

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

Result<std::string> WorkerProcess::ask(std::string_view text) {
  if (pid_ < 0)
    if (auto begun = begin(); !begun) return std::unexpected(begun.error());
  try {
    if (send(socket_, text))
      if (auto answer = receive(socket_)) return std::move(*answer);
  } catch (...) {
    end();  // what is left of the answer would be the next one's
    throw;
  }
  const int status = end();
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPROF)
    return fail(Errc::limit_exceeded,
                fmt::format("it takes more than {} s of processor time", time_max_.count()));
  return fail(Errc::internal, WIFSIGNALED(status)
                                  ? fmt::format("its process ended by signal {}", WTERMSIG(status))
                                  : fmt::format("its process ended with {}", WEXITSTATUS(status)));
}

Result<> WorkerProcess::begin() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return fail(Errc::io, fmt::format("no process can be begun: {}", errno_text(errno)));
  const pid_t pid = ::fork();
  if (pid == 0) work(ends[1]);
  const int error = errno;
  ::close(ends[1]);
  if (pid < 0) {
    ::close(ends[0]);
    return fail(Errc::io, fmt::format("no process can be begun: {}", errno_text(error)));
  }
  pid_ = pid;
  socket_ = ends[0];
  return {};
}

int WorkerProcess::end() {
  if (pid_ < 0) return 0;
  ::close(socket_);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
  pid_ = socket_ = -1;
  return status;
}

void WorkerProcess::work(int socket) const {
  for (const int signal : {SIGTERM, SIGPROF, SIGHUP, SIGUSR1, SIGUSR2}) ::signal(signal, SIG_DFL);
  ::signal(SIGINT, SIG_IGN);  // its parent decides what a Ctrl-C means
  sigset_t none;
  ::sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
  ::close(STDIN_FILENO);
  ::close(STDOUT_FILENO);
  if (socket != STDERR_FILENO + 1) ::close_range(STDERR_FILENO + 1, socket - 1, 0);
  ::close_range(socket + 1, ~0U, 0);
  while (auto text = receive(socket)) {
    set_time(time_max_);
    std::string answer;
    try {
      answer = work_(*text);
    } catch (const std::exception&) {
      ::_exit(EXIT_FAILURE);
    }
    set_time(std::chrono::seconds{0});
    if (!send(socket, answer)) break;
  }
  ::_exit(EXIT_SUCCESS);
}

}  // namespace trawl::service
