// posix_spawn, because fork in a process with threads may only exec anyway; a pidfd, so that one
// poll waits for output and for the end. The pump is a thread: a test may look on while the program
// runs.
#include "tests/support/subprocess.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <system_error>
#include <utility>

namespace trawl::support {
namespace {

void check(int error, const std::string& what) {
  if (error != 0) throw std::system_error(error, std::generic_category(), what);
}

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    check(::pipe2(ends.data(), O_CLOEXEC) == 0 ? 0 : errno, "pipe");
    read = ends[0];
    write = ends[1];
  }
  ~Pipe() {
    if (read >= 0) ::close(read);
    if (write >= 0) ::close(write);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int read = -1;
  int write = -1;
};

std::vector<std::string> environment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    if (!added.contains(std::string{text.substr(0, text.find('='))})) all.emplace_back(text);
  }
  for (const auto& [name, value] : added) all.push_back(fmt::format("{}={}", name, value));
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
  for (auto& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

pid_t spawn(Command& command, const Pipe& in, const Pipe& out, const Pipe& err) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, in.read, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, out.write, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, err.write, STDERR_FILENO);
  if (!command.cwd.empty()) posix_spawn_file_actions_addchdir_np(&files, command.cwd.c_str());
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t defaults;  // ours ignores SIGPIPE, and an ignored signal would survive exec
  sigemptyset(&defaults);
  for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGHUP}) sigaddset(&defaults, signal);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
  auto env = environment(command.env);
  pid_t pid = -1;
  const int error = ::posix_spawnp(&pid, command.args.at(0).c_str(), &files, &attributes,
                                   pointers(command.args).data(), pointers(env).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  check(error, "start " + command.args[0]);
  return pid;
}

void close_end(int& end) {
  if (end >= 0) ::close(end);
  end = -1;
}

// Appends what is there, at most what a pipe holds, so that a program that never stops printing
// can't hold up its own timeout; closes the end at end of file.
void drain(int& end, std::string& text) {
  std::array<char, 64 * 1024> block;
  for (int round = 0; end >= 0 && round < 16; ++round) {
    const auto got = ::read(end, block.data(), block.size());
    if (got > 0)
      text.append(block.data(), static_cast<std::size_t>(got));
    else if (got == 0)
      close_end(end);
    else if (errno != EINTR)
      return;
  }
}

void feed(int& end, std::string_view& rest) {
  while (!rest.empty()) {
    const auto put = ::write(end, rest.data(), rest.size());
    if (put >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(put));
    } else if (errno != EINTR) {
      if (errno == EAGAIN) return;
      break;  // it reads no more
    }
  }
  close_end(end);
}

}  // namespace

Subprocess::Subprocess(Command command) {
  Pipe in, out, err;
  started_ = system_clock().now();
  deadline_ = started_ + command.timeout;
  pid_ = spawn(command, in, out, err);
  pidfd_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  if (pidfd_ < 0) {
    const int error = errno;
    ::kill(-pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    check(error, "pidfd_open");
  }
  in_ = std::exchange(in.write, -1);
  out_ = std::exchange(out.read, -1);
  err_ = std::exchange(err.read, -1);
  for (const int end : {in_, out_, err_}) ::fcntl(end, F_SETFL, O_NONBLOCK);
  pump_ = std::thread{[this, input = std::move(command.input)] { pump(input); }};
}

Subprocess::~Subprocess() {
  kill_group();
  pump_.join();
  ::close(pidfd_);
}

void Subprocess::pump(std::string_view rest) {
  bool killed = false;
  for (;;) {
    if (rest.empty()) close_end(in_);
    std::array<pollfd, 4> polled{
        {{pidfd_, POLLIN, 0}, {out_, POLLIN, 0}, {err_, POLLIN, 0}, {in_, POLLOUT, 0}}};
    const auto left = std::chrono::ceil<Millis>(deadline_ - system_clock().now());
    ::poll(polled.data(), polled.size(),
           killed ? -1 : static_cast<int>(std::max(left, Millis{0}).count()));
    const bool over = polled[0].revents != 0;
    if (in_ >= 0 && polled[3].revents != 0) feed(in_, rest);
    std::string out, err;
    drain(out_, out);
    drain(err_, err);
    const std::lock_guard lock{mutex_};
    finished_.out += out;
    finished_.err += err;
    if (over) break;
    if (!killed && system_clock().now() >= deadline_) {
      killed = finished_.timed_out = true;
      ::kill(-pid_, SIGKILL);
    }
    changed_.notify_all();
  }
  int status = 0;
  rusage usage{};
  const std::lock_guard lock{mutex_};
  while (::wait4(pid_, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) finished_.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) finished_.signal = WTERMSIG(status);
  finished_.took = std::chrono::floor<Millis>(system_clock().now() - started_);
  finished_.resident_bytes_max = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  for (int* end : {&in_, &out_, &err_}) close_end(*end);
  ended_ = true;
  changed_.notify_all();
}

bool Subprocess::is_running() const {
  const std::lock_guard lock{mutex_};
  return !ended_;
}

void Subprocess::send_signal(int signal) {
  const std::lock_guard lock{mutex_};  // the pump reaps under it, so the number is still ours
  if (!ended_) ::kill(pid_, signal);
}

void Subprocess::kill_group() {
  const std::lock_guard lock{mutex_};
  if (!ended_) ::kill(-pid_, SIGKILL);
}

const Finished& Subprocess::wait() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [&] { return ended_; });
  return finished_;
}

std::string Subprocess::out() const {
  const std::lock_guard lock{mutex_};
  return finished_.out;
}

std::string Subprocess::err() const {
  const std::lock_guard lock{mutex_};
  return finished_.err;
}

bool Subprocess::wait_for_output(std::string_view text, Millis within) const {
  std::unique_lock lock{mutex_};
  const auto there = [&] { return finished_.out.contains(text) || finished_.err.contains(text); };
  changed_.wait_for(lock, within, [&] { return ended_ || there(); });
  return there();
}

Finished run(Command command) {
  return Subprocess{std::move(command)}.wait();
}

}  // namespace trawl::support
