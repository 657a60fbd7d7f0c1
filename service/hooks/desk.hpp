#pragma once
// HookDesk: takes events from any thread and has them delivered behind the crawl's back, a few at
// once, so that a receiver that is down holds up neither the crawl nor another job's events.

#include "core/coro/channel.hpp"
#include "core/coro/group.hpp"
#include "core/coro/task.hpp"
#include "core/crawl/hosts/host_event.hpp"
#include "core/crawl/job/job.hpp"
#include "service/hooks/event.hpp"

#include <cstddef>
#include <functional>
#include <memory>

namespace trawl::service {

class HookDesk {
 public:
  static constexpr std::size_t waiting_max = 1024;
  static constexpr std::size_t deliveries_at_once = 4;

  // Any thread. False: there is no hook for it, or waiting_max of them wait already; then it is
  // dropped, which the log says unless somebody is told. on_done: called on the loop's thread once
  // the receiver has it, or it was given up after all attempts (true), or none could be made
  // (false); not when the desk was ended before.
  bool post(std::shared_ptr<const crawl::JobSpec> job, HookEvent event,
            std::function<void(bool tried)> on_done = {});

  // Delivers what is posted, until it is cancelled or finish() was called and nothing is left.
  // Deliveries run in the group. Loop thread, once.
  void run(coro::Group& group);
  void finish() { events_.close(); }  // any thread; no posts behind it

 private:
  struct Posted {
    std::shared_ptr<const crawl::JobSpec> job;
    HookEvent event;
    std::function<void(bool tried)> on_done;
  };
  coro::Task<> deliver();

  coro::Channel<Posted> events_{waiting_max};
};

// Any thread. on_host_blocked, when the event is that a host is not asked any more.
void post_host_event(HookDesk& desk, std::shared_ptr<const crawl::JobSpec> job,
                     const crawl::HostEvent& event);

}  // namespace trawl::service
