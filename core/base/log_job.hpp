#pragma once
// Of which job a thread's log lines speak. A process may run several jobs, and a line of a
// crawl's own threads ("paused: the disk is full") would not say whose it is: with a name set, the
// line has job=NAME, or a member "job" in JSON. Threads of coro::Worker take it over from the
// thread that made them. Where there is only one job no name is set.

#include <string>

namespace trawl {

// Until it ends, on this thread. Not across a suspension: a loop's thread is everybody's.
class [[nodiscard]] LogJob {
 public:
  explicit LogJob(std::string job);  // empty: of no job
  ~LogJob();
  LogJob(const LogJob&) = delete;
  LogJob& operator=(const LogJob&) = delete;

 private:
  std::string before_;
};

const std::string& log_job();  // of this thread; empty: none

}  // namespace trawl
