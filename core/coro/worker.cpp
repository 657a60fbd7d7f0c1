// The queue is a plain mutex and condition variable on the thread's side; its bound is a channel of
// places on the tasks' side, so that waiting for a place is cancellable and never blocks a loop.
#include "core/coro/worker.hpp"

#include "core/base/log_job.hpp"

#include <pthread.h>

namespace trawl::coro {

Worker::Worker(const std::string& name, std::size_t queue_max)
    : places_(queue_max), thread_([this, name, job = log_job()] {
        const LogJob speaking{job};
        loop(name);
      }) {}

Worker::~Worker() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  ready_.notify_one();
  thread_.join();
}

std::size_t Worker::queued() const {
  const std::lock_guard lock{mutex_};
  return jobs_.size();
}

void Worker::push(Job job) {
  {
    const std::lock_guard lock{mutex_};
    jobs_.push_back(std::move(job));
  }
  ready_.notify_one();
}

void Worker::loop(const std::string& name) {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
  for (;;) {
    Job job;
    {
      std::unique_lock lock{mutex_};
      ready_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    places_.try_next();
    job.work();
    job.work = nullptr;  // what it holds of the loop goes before the caller may
    job.let_go->store(true, std::memory_order_release);
  }
}

}  // namespace trawl::coro
