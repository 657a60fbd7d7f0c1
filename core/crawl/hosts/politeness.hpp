#pragma once
// Politeness: how long a host is left alone after a fetch. Pure: HostHealth keeps what is
// remembered about a host, the frontier enforces the answer. The rules are in docs/politeness.md.

#include "core/base/clock.hpp"
#include "core/crawl/job/job.hpp"
#include "core/crawl/state/retry_after.hpp"
#include "core/http/message/message.hpp"

#include <optional>

namespace trawl::crawl {

// What is known about a host at the end of a fetch from it.
struct FetchReport {
  Millis response_time{0};            // from the start to the end of the fetch, answered or not
  std::optional<int> status;          // absent: no complete answer
  std::optional<Millis> retry_after;  // the answer's Retry-After field, parsed
  std::optional<Millis> crawl_delay;  // from robots.txt
  Millis interval{0};                 // HostThrottle's
};

// Of an answer; null: none came, and elapsed is how long it took not to.
FetchReport report_of(const http::Response* response, Millis elapsed, Wall now);

// The host says that it has too much to do.
constexpr bool is_throttled(std::optional<int> status) {
  return status == 429 || status == 503;
}

// How long a host is left alone after a fetch.
struct HostRest {
  Millis wait{0};
  Millis asked{0};  // how long it would be without the job's delay
};

class Politeness {
 public:
  explicit Politeness(const PolitenessSpec& spec) : spec_(spec) {}

  // From the end of the fetch to the next start on the host: the longest of all that applies.
  Millis wait_after(const FetchReport& report) const;
  HostRest rest_after(const FetchReport& report) const;
  // What the job and robots.txt ask for, whatever the answer was: delay and Crawl-delay.
  Millis set_wait(const FetchReport& report) const;

 private:
  PolitenessSpec spec_;
};

}  // namespace trawl::crawl
