// The bounds are few and fixed, so that a metrics page stays small whatever a crawl does.
#include "core/base/metrics.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace trawl {
namespace {

constexpr std::array<double, 14> network_bounds{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
                                                1,     2.5,  5,     10,   20,  30,   60};
constexpr std::array<double, 13> disk_bounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                             0.1,    0.25,  0.5,    1,     2.5,  10};
static_assert(network_bounds.size() <= Histogram::bounds_max);
static_assert(disk_bounds.size() <= Histogram::bounds_max);

}  // namespace

std::span<const double> network_seconds() {
  return network_bounds;
}

std::span<const double> disk_seconds() {
  return disk_bounds;
}

void HistogramValues::add(const HistogramValues& other) {
  if (counts.empty()) {
    *this = other;
    return;
  }
  if (other.counts.empty()) return;
  assert(bounds.data() == other.bounds.data());
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
  count += other.count;
  sum += other.sum;
}

Histogram::Histogram(std::span<const double> bounds) : bounds_(bounds) {
  assert(bounds.size() <= bounds_max);
}

void Histogram::note(double value) {
  const auto bucket = std::ranges::lower_bound(bounds_, value) - bounds_.begin();
  count(counts_[bucket]);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

HistogramValues Histogram::values() const {
  HistogramValues values{.bounds = bounds_};
  for (std::size_t i = 0; i <= bounds_.size(); ++i) {
    values.counts.push_back(counts_[i].load(std::memory_order_relaxed));
    values.count += values.counts.back();
  }
  values.sum = sum_.load(std::memory_order_relaxed);
  return values;
}

}  // namespace trawl
