#pragma once
// RateMeter: pages and bytes per second over the last seconds. Pure.

#include "core/base/clock.hpp"

#include <cstdint>
#include <deque>

namespace trawl::service {

class RateMeter {
 public:
  void note(Mono now, std::uint64_t pages, std::uint64_t bytes) {
    samples_.push_back({now, pages, bytes});
    while (samples_.size() > 2 && now - samples_.front().at > window) samples_.pop_front();
  }
  void reset() { samples_.clear(); }

  double pages_per_s() const { return per_s(&Sample::pages); }
  double bytes_per_s() const { return per_s(&Sample::bytes); }

 private:
  static constexpr Millis window{10'000};
  struct Sample {
    Mono at;
    std::uint64_t pages;
    std::uint64_t bytes;
  };
  double per_s(std::uint64_t Sample::* figure) const {
    if (samples_.size() < 2) return 0;
    const Sample &first = samples_.front(), &last = samples_.back();
    const double seconds = std::chrono::duration<double>(last.at - first.at).count();
    return seconds > 0 ? static_cast<double>(last.*figure - first.*figure) / seconds : 0;
  }

  std::deque<Sample> samples_;
};

}  // namespace trawl::service
