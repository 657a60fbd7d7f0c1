#pragma once
// Histogram and Counter: figures that one thread counts and others read. Relaxed atomics: a reader
// sees each number whole and none of them late for long, but not all as of one instant.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace trawl {

using Counter = std::atomic<std::uint64_t>;

inline void count(Counter& counter, std::uint64_t by = 1) {
  counter.fetch_add(by, std::memory_order_relaxed);
}

// What was counted. Same bounds add up.
struct HistogramValues {
  std::span<const double> bounds;     // upper ones, inclusive, rising; static storage
  std::vector<std::uint64_t> counts;  // of each bucket alone; one more than bounds, for the rest
  std::uint64_t count = 0;
  double sum = 0;

  void add(const HistogramValues& other);
};

// Fixed buckets. note() is three relaxed additions and a search among few bounds.
class Histogram {
 public:
  static constexpr std::size_t bounds_max = 15;

  // bounds: rising, at most bounds_max, static storage.
  explicit Histogram(std::span<const double> bounds);

  void note(double value);
  HistogramValues values() const;

 private:
  std::span<const double> bounds_;
  std::atomic<std::uint64_t> counts_[bounds_max + 1]{};
  std::atomic<double> sum_ = 0;
};

// Upper bounds in seconds: 5 ms to 60 s, for what a network does; 0.5 ms to 10 s, for a disk.
std::span<const double> network_seconds();
std::span<const double> disk_seconds();

}  // namespace trawl
