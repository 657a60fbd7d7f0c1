#pragma once
// A clock whose hands a test turns. Both hands move together; only the wall clock can be set back.

#include "core/base/clock.hpp"

namespace trawl::support {

class ManualClock final : public Clock {
 public:
  explicit ManualClock(Wall wall = Wall{Millis{1'767'225'600'000}})  // 2026-01-01T00:00:00Z
      : wall_(wall) {}

  Mono now() const override { return now_; }
  Wall wall() const override { return wall_; }

  void advance(Millis by) {
    now_ += by;
    wall_ += by;
  }
  void advance_to(Mono time) {
    if (time > now_) advance(std::chrono::ceil<Millis>(time - now_));
  }
  void set_wall(Wall wall) { wall_ = wall; }

 private:
  Mono now_{std::chrono::hours{1}};  // not zero, so that "long ago" is still representable
  Wall wall_;
};

}  // namespace trawl::support
