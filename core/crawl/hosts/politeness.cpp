// One rule: the wait is the longest of what the job, robots.txt, the server's pace, its throttling
// and its Retry-After ask for. A server that asks to be left alone (429, 503) is left alone as a
// whole, not only for the URL that got the answer.
#include "core/crawl/hosts/politeness.hpp"

#include <algorithm>
#include <cmath>

namespace trawl::crawl {
namespace {

bool is_redirect(std::optional<int> status) {
  return status && *status >= 300 && *status < 400;
}

}  // namespace

FetchReport report_of(const http::Response* response, Millis elapsed, Wall now) {
  if (response == nullptr) return {.response_time = elapsed};
  return {.response_time = response->phases.total,
          .status = response->status,
          .retry_after = retry_after_of(response->headers, now)};
}

Millis Politeness::set_wait(const FetchReport& report) const {
  const Millis crawl_delay = report.crawl_delay.value_or(Millis{0});
  return std::max(spec_.delay, std::min(crawl_delay, spec_.crawl_delay_max));
}

HostRest Politeness::rest_after(const FetchReport& report) const {
  PolitenessSpec without_delay = spec_;
  without_delay.delay = Millis{0};
  return {wait_after(report), Politeness{without_delay}.wait_after(report)};
}

Millis Politeness::wait_after(const FetchReport& report) const {
  Millis wait = std::max(set_wait(report), report.interval);
  if (spec_.adaptive) {
    const double times_ms = *spec_.adaptive * static_cast<double>(report.response_time.count());
    const double capped_ms = std::min(times_ms, static_cast<double>(spec_.delay_max.count()));
    wait = std::max(wait, Millis{std::llround(capped_ms)});
  }
  if (is_throttled(report.status) && report.retry_after)
    wait = std::max(wait, std::min(*report.retry_after, spec_.retry_after_max));
  // RFC 9110, 10.2.3: before the redirected request. Its whole host for that is much, so not longer
  // than for a slow answer.
  if (is_redirect(report.status) && report.retry_after)
    wait = std::max(wait, std::min(*report.retry_after, spec_.delay_max));
  return wait;
}

}  // namespace trawl::crawl
