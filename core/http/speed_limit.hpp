#pragma once
// SpeedLimit: how many bytes of bodies may come in a second, for all fetches that share it. Whoever
// takes bytes is given a place in one line; the line moves at the limit's speed. Pace is one
// fetch's way through it.

#include "core/base/clock.hpp"
#include "core/coro/task.hpp"

#include <cstdint>
#include <mutex>
#include <optional>

namespace trawl::http {

// Decides, waits for nothing. Any thread. Places are counted in bytes; what moved on unused is at
// most a tenth of a second's bytes, so a pause is not made up for by a burst.
class SpeedLimit {
 public:
  // bytes_per_s: nothing for no limit.
  explicit SpeedLimit(std::optional<std::uint64_t> bytes_per_s = {}) : speed_(bytes_per_s) {}

  // Holds at once, also for those in line.
  void set(std::optional<std::uint64_t> bytes_per_s);
  bool is_on();

  // The place behind so many bytes more; nothing where there is no limit.
  std::optional<std::uint64_t> take(std::uint64_t bytes, Mono now);
  // Of what was taken so much didn't come.
  void give_back(std::uint64_t bytes);
  // How long until the line has come to a place; zero when it has.
  Millis wait_for(std::uint64_t place, Mono now);

 private:
  void move(Mono now);
  double ahead_max() const;

  std::mutex mutex_;
  // Guarded by mutex_.
  std::optional<std::uint64_t> speed_;
  std::uint64_t taken_ = 0;  // the end of the line
  double moved_ = 0;         // how far the line has come; may be ahead of its end by the burst
  std::optional<Mono> moved_at_;
};

// Loop thread only. Without a limit all of it is free. A small page comes at once, so what it has
// is taken beforehand, and its fetch begins when the line has come there; what is large waits on
// its way, too.
class Pace {
 public:
  // limit: outlives it; may be null.
  explicit Pace(SpeedLimit* limit = nullptr) : limit_(limit) {}
  Pace(Pace&& other) noexcept;
  Pace& operator=(Pace&& other) noexcept;
  ~Pace() { end(); }

  // How long until a fetch may begin, zero when it may; to be asked again after at most look_again.
  Millis until_begin();
  // The fetch is over: what was taken beforehand and did not come is given back.
  void end();
  static constexpr Millis look_again{500};  // the limit may be another one by then

  // So many bytes came.
  void take(std::uint64_t bytes);
  // Whether the next bytes have to wait; and waits, returning for how long.
  bool is_ahead();
  coro::Task<Millis> wait();

 private:
  SpeedLimit* limit_;
  std::uint64_t paid_ = 0;              // taken beforehand and not come yet
  std::optional<std::uint64_t> begin_;  // the place before that
  std::optional<std::uint64_t> place_;  // behind what came last
};

}  // namespace trawl::http
