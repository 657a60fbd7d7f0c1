#pragma once
// SpeedLimit: how many bytes of bodies may come in a second, for all fetches that share it. Whoever
// takes bytes is given a place in one line; the line moves at the limit's speed. Another fetch
// begins when the line is short: so each body comes fast enough for its server, whose patience is
// finite, and where answers are small or slow many begin. Pace is one fetch's way through it.

#include "core/base/clock.hpp"
#include "core/coro/task.hpp"

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>

namespace trawl::http {

// Decides, waits for nothing. Any thread. Places are counted in bytes; what moved on unused is at
// most a tenth of a second's bytes, so a pause is not made up for by a burst.
class SpeedLimit {
 public:
  // bytes_per_s: nothing for no limit. outer: one of more fetches, which holds for these as well;
  // outlives it, and has no outer one itself.
  explicit SpeedLimit(std::optional<std::uint64_t> bytes_per_s = {}, SpeedLimit* outer = nullptr);

  // Holds at once, also for those in line.
  void set(std::optional<std::uint64_t> bytes_per_s);
  SpeedLimit* outer() const { return outer_; }

  // With the outer one: whether there is any, and how long until another fetch may begin; zero when
  // it may. Who has none under way waits for this one alone: large bodies of others may fill the
  // outer line for hours.
  bool is_on();
  Millis until_begin(Mono now);

  // Of this one alone, as Pace asks of both.

  // One begins: so many bytes are taken beforehand for it, as fetches of late had at once. And
  // ends: so many came, if anything was asked for, and of what was taken beforehand so many didn't.
  std::uint64_t begin(Mono now);
  void end(std::optional<std::uint64_t> came, std::uint64_t unused);

  // The place behind so many bytes more; nothing where there is no limit.
  std::optional<std::uint64_t> take(std::uint64_t bytes, Mono now);
  // How long until the line has come to a place; zero when it has.
  Millis wait_for(std::uint64_t place, Mono now);

 private:
  void move(Mono now);
  double ahead_max() const;
  Millis until_begin_here(Mono now);

  SpeedLimit* const outer_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::optional<std::uint64_t> speed_;
  double usual_bytes_;       // of a small body, or of a large one's first piece
  std::uint64_t taken_ = 0;  // the end of the line
  double moved_ = 0;         // how far the line has come; may be ahead of its end by the burst
  std::optional<Mono> moved_at_;
  int under_way_ = 0;  // fetches
};

// Loop thread only. Without a limit all of it is free.
class Pace {
 public:
  // limit: outlives it; may be null.
  explicit Pace(SpeedLimit* limit = nullptr);
  Pace(Pace&& other) noexcept;
  Pace& operator=(Pace&& other) noexcept;
  ~Pace() { end(); }

  // The fetch begins, and is over; between them it asks for something, or doesn't.
  void begin();
  void on_request() { asked_ = true; }
  void end();
  // So many bytes came.
  void take(std::uint64_t bytes);
  // Whether the next bytes have to wait; and waits, returning for how long.
  bool is_ahead();
  coro::Task<Millis> wait();

 private:
  // The way through one limit.
  struct Leg {
    SpeedLimit* limit = nullptr;
    std::uint64_t paid = 0;              // taken beforehand and not come yet
    std::optional<std::uint64_t> place;  // behind what came last
  };
  Millis left();

  std::array<Leg, 2> legs_;  // of the limit, and of the outer one
  bool begun_ = false;
  bool asked_ = false;
  std::uint64_t came_ = 0;
};

}  // namespace trawl::http
