// A server that asks to be left alone (429, 503) is left alone as a whole, not only for the URL
// that got the answer: by its Retry-After if it sent one, and by doubling waits if it did not.
#include "core/crawl/politeness.hpp"

#include <algorithm>
#include <cmath>

namespace trawl::crawl {
namespace {

constexpr Millis back_off_start{1'000};
constexpr Millis back_off_max = std::chrono::hours(1);
constexpr int back_off_doublings_max = 20;

constexpr bool is_throttled(std::optional<int> status) {
  return status == 429 || status == 503;
}

}  // namespace

int Politeness::throttled_after(int throttled_in_a_row, std::optional<int> status) {
  if (!status) return throttled_in_a_row;
  return is_throttled(status) ? throttled_in_a_row + 1 : 0;
}

Millis Politeness::usual_wait(const FetchReport& report) const {
  Millis wait = spec_.delay;
  if (spec_.adaptive) {
    const double times_ms = *spec_.adaptive * static_cast<double>(report.response_time.count());
    const double capped_ms = std::min(times_ms, static_cast<double>(spec_.delay_max.count()));
    wait = std::max(wait, Millis{std::llround(capped_ms)});
  }
  if (report.crawl_delay) {
    wait = std::max(wait, std::min(*report.crawl_delay, spec_.crawl_delay_max));
  }
  return wait;
}

Millis Politeness::back_off(const FetchReport& report, Millis usual) const {
  if (report.retry_after && *report.retry_after > Millis{0}) {
    return std::min(*report.retry_after, spec_.retry_after_max);
  }
  const int doublings = std::clamp(report.throttled_in_a_row, 1, back_off_doublings_max);
  // The first doubling counts too: 429 always slows the host down.
  const Millis start = std::min(std::max(usual, back_off_start), back_off_max);
  return std::min({start * (std::int64_t{1} << doublings), back_off_max, spec_.retry_after_max});
}

Millis Politeness::wait_after(const FetchReport& report) const {
  const Millis usual = usual_wait(report);
  if (!is_throttled(report.status)) return usual;
  return std::max(usual, back_off(report, usual));
}

}  // namespace trawl::crawl
