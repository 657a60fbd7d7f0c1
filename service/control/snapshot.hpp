#pragma once
// All jobs as they were a moment ago, for whoever asks: however many do, the daemon's own loop is
// asked ten times a second at most. What is changed through this server, and what the daemon tells
// as an event, is in the next answer; everything else at most snapshot_age_max later. Loop thread
// only.

#include "core/base/clock.hpp"
#include "core/coro/semaphore.hpp"
#include "core/coro/task.hpp"
#include "service/control/bounds.hpp"
#include "service/daemon/jobs.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::service::control {

// Made once, shared by all answers that come of it.
struct Overview {
  std::vector<JobView> jobs;  // by name, without settings and errors
  std::string json;           // of GET /api/v1/jobs

  const JobView* find(std::string_view name) const;
};

// A text that is made anew when it is asked for and older than that.
class AgedText {
 public:
  template <class F>
  const std::string& get(Mono now, F make) {
    if (text_.empty() || now - made_ >= bounds::snapshot_age_max) {
      text_ = make();
      made_ = now;
    }
    return text_;
  }

 private:
  std::string text_;
  Mono made_{};
};

class Snapshot {
 public:
  Snapshot(const coro::Executor& executor, Jobs& jobs, Clock& clock)
      : jobs_(jobs), clock_(clock), asking_(executor, 1) {}

  coro::Task<Answer<std::shared_ptr<const Overview>>> get();
  // Something has changed: what was taken before is told to nobody who asks from now on.
  void forget();

 private:
  bool is_fresh() const;

  Jobs& jobs_;
  Clock& clock_;
  coro::Semaphore asking_;
  std::shared_ptr<const Overview> last_;
  Mono taken_{};
  std::uint64_t changes_ = 0;
};

}  // namespace trawl::service::control
