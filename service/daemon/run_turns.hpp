#pragma once
// RunTurns: which of the jobs that are due may run, when fewer may than are. Pure; first come,
// first served.

#include <algorithm>
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

namespace trawl::service {

class RunTurns {
 public:
  explicit RunTurns(std::size_t places) : places_(places) {}

  // True: the job has a place. Else it is in the line, or keeps its place there.
  bool take(std::string_view job) {
    if (std::ranges::find(line_, job) == line_.end()) line_.emplace_back(job);
    if (taken_ >= places_ || !open_ || line_.front() != job) return false;
    line_.pop_front();
    ++taken_;
    return true;
  }
  // True: it was in the line, and the next one may be first now.
  bool leave(std::string_view job) { return std::erase(line_, job) > 0; }
  void release() { --taken_; }

  void set_places(std::size_t places) { places_ = places; }
  // Closed: nobody gets a place until it is open again.
  void set_open(bool open) { open_ = open; }
  bool is_open() const { return open_; }

  std::size_t taken() const { return taken_; }
  std::size_t waiting() const { return line_.size(); }

 private:
  std::size_t places_;
  std::size_t taken_ = 0;
  bool open_ = true;
  std::deque<std::string> line_;
};

}  // namespace trawl::service
