#pragma once
// A program run by a test, in a process group of its own: fed on standard input, read from standard
// output and error, signalled, and killed with all its children when its time is up.

#include "core/base/clock.hpp"

#include <sys/types.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace trawl::support {

struct Command {
  std::vector<std::string> args;           // args[0]: a path, or a name to look for in PATH
  std::map<std::string, std::string> env;  // on top of this process's
  std::string cwd;                         // empty: this process's
  std::string input;                       // standard input, closed after it
  Millis timeout{60'000};                  // then SIGKILL
};

struct Finished {
  int exit_code = -1;  // -1 when a signal ended it
  int signal = 0;
  bool timed_out = false;
  std::string out;
  std::string err;
  Millis took{0};
  // At least what this process had when it started the program: the kernel counts the time before
  // exec too.
  std::uint64_t resident_bytes_max = 0;
};

class Subprocess {
 public:
  explicit Subprocess(Command command);  // throws std::system_error when it can't be started
  ~Subprocess();                         // SIGKILL to the group if it still runs
  Subprocess(const Subprocess&) = delete;
  Subprocess& operator=(const Subprocess&) = delete;

  pid_t pid() const { return pid_; }
  bool is_running() const;
  void send_signal(int signal);  // to the program alone; nothing when it has ended
  void kill_group();             // SIGKILL
  const Finished& wait();        // until it has ended, by itself or by its timeout
  std::string out() const;       // what came so far
  std::string err() const;
  // Whether the text turned up on standard output or error within the time; false at once when the
  // program has ended without it.
  bool wait_for_output(std::string_view text, Millis within = Millis{10'000}) const;

 private:
  void pump(std::string_view rest);  // of the input

  // Constant after construction.
  pid_t pid_ = -1;
  int in_ = -1, out_ = -1, err_ = -1;  // our ends of the pipes, the pump's
  int pidfd_ = -1;
  Mono started_{};
  Mono deadline_{};

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  Finished finished_;
  bool ended_ = false;

  std::thread pump_;
};

// Runs it to its end.
Finished run(Command command);

}  // namespace trawl::support
