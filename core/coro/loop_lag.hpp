#pragma once
// LoopLag: how late a loop gets to what is due: the time that each transfer of it waits for its
// turn. A probe wakes every few milliseconds and notes by how much it was late. Any thread may
// read.

#include "core/coro/task.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace trawl::coro {

class LoopLag {
 public:
  static constexpr std::chrono::milliseconds interval{50};

  // Runs until it is cancelled, on the loop that is probed.
  Task<> probe();

  void note(std::chrono::milliseconds late);
  // Of all so far: so many hundredths of the wake-ups were no later than this. 0 before the first.
  std::chrono::milliseconds percentile(double percent) const;
  std::uint64_t count() const { return count_.load(std::memory_order_relaxed); }

 private:
  // One for each millisecond; the last one holds what was later.
  std::array<std::atomic<std::uint64_t>, 1024> wakes_{};
  std::atomic<std::uint64_t> count_ = 0;
};

}  // namespace trawl::coro
