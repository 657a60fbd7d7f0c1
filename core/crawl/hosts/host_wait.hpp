#pragma once
// Why nothing is asked of a host just now, and until when.

#include "core/base/clock.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace trawl::crawl {

enum class WaitFor : std::uint8_t {
  pace,           // the time between two fetches
  retry,          // what is queued is to be tried again then
  health,         // it answered badly, or not at all
  others,         // another job, or another host of its address or domain, was there a moment ago
  host_places,    // as many fetches as may be are in flight: on the host,
  domain_places,  // on its domain,
  ip_places,      // on its address
};

struct HostWait {
  std::int64_t host = 0;
  WaitFor what = WaitFor::pace;
  std::optional<Mono> until;  // absent: when a place is free
};

// What a shard last wrote of its hosts, for anyone who asks. Any thread.
class HostWaitBoard {
 public:
  static constexpr std::size_t hosts_max = 2'000;

  void put(std::vector<HostWait> waits) {
    const std::lock_guard lock{mutex_};
    waits_ = std::move(waits);
  }
  std::vector<HostWait> get() const {
    const std::lock_guard lock{mutex_};
    return waits_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<HostWait> waits_;  // guarded by mutex_
};

}  // namespace trawl::crawl
