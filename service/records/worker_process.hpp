#pragma once
// WorkerProcess: work on hostile input by a library that bounds neither its time nor its faults, in
// a process of its own, which can be ended.

#include "core/base/result.hpp"

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::service {

class WorkerProcess {
 public:
  // What an exception of work says is lost: its process ends.
  using Work = std::function<std::string(std::string_view)>;

  // time_max: of processor time, for one text. The process begins with the first text.
  WorkerProcess(Work work, std::chrono::seconds time_max)
      : work_(std::move(work)), time_max_(time_max) {}
  ~WorkerProcess() { end(); }
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  // What work makes of the text, of at most 2 GiB. Blocks. Errc::limit_exceeded: it took too long;
  // Errc::internal: its process broke down over it; Errc::io: there is no process to be had. The
  // next text has a process again.
  Result<std::string> ask(std::string_view text);

 private:
  bool has_ended() const;
  Result<> begin();
  Error error_of(std::optional<int> end) const;
  std::optional<int> end();  // as waitpid() has it; nothing: somebody else has taken it
  [[noreturn]] void work(int socket) const noexcept;

  Work work_;
  std::chrono::seconds time_max_;
  pid_t pid_ = -1;
  int socket_ = -1;
};

}  // namespace trawl::service
