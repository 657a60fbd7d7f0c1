#pragma once
// Watchers: who is told of what happens to jobs. Any thread.

#include "service/daemon/jobs.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

namespace trawl::service {

class Watchers {
 public:
  // on_event is called with a lock held: it must only post.
  std::unique_ptr<Jobs::Watch> add(std::function<void(const JobEvent&)> on_event);
  void tell(const JobEvent& event) const;
  bool anyone() const;

 private:
  // Shared with each watch, which may outlive this.
  struct State {
    mutable std::mutex mutex;
    std::uint64_t next = 0;  // this and below guarded by mutex
    std::map<std::uint64_t, std::function<void(const JobEvent&)>> all;
  };
  class Entry;

  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace trawl::service
