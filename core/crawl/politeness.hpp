#pragma once
// Politeness: how long a host is left alone after a fetch. Pure: the caller keeps what it needs to
// remember about a host, the frontier enforces the answer. The rules are in docs/politeness.md.

#include "core/base/clock.hpp"
#include "core/crawl/job.hpp"
#include "core/crawl/retry_after.hpp"

#include <optional>

namespace trawl::crawl {

// What is known about a host at the end of a fetch from it.
struct FetchReport {
  Millis response_time{0};            // from the start to the end of the fetch, answered or not
  std::optional<int> status;          // absent: no complete answer
  std::optional<Millis> retry_after;  // the answer's Retry-After field, parsed
  std::optional<Millis> crawl_delay;  // from robots.txt
  int throttled_in_a_row = 0;         // answers with 429 or 503, up to and including this one
};

class Politeness {
 public:
  explicit Politeness(const PolitenessSpec& spec) : spec_(spec) {}

  // From the end of the fetch to the next start on the host.
  Millis wait_after(const FetchReport& report) const;

  // The host's count after a fetch: one more for 429 and 503, 0 after any other answer, unchanged
  // when there was no answer.
  static int throttled_after(int throttled_in_a_row, std::optional<int> status);

 private:
  Millis usual_wait(const FetchReport& report) const;
  Millis back_off(const FetchReport& report, Millis usual) const;

  PolitenessSpec spec_;
};

}  // namespace trawl::crawl
