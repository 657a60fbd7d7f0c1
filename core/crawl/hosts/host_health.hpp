#pragma once
// HostHealth: all that is remembered about a host beyond its pages: how it is throttled, its
// breaker, its Crawl-delay and its last error. Most hosts are well and have none. Pure.

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/crawl/hosts/frontier.hpp"
#include "core/crawl/hosts/host_breaker.hpp"
#include "core/crawl/hosts/host_throttle.hpp"
#include "core/crawl/hosts/politeness.hpp"
#include "core/crawl/job/job.hpp"
#include "core/crawl/state/store.hpp"

#include <cstdint>
#include <optional>

namespace trawl::crawl {

// What the end of a fetch says about the host as a whole.
enum class HostSign : std::uint8_t {
  alive,    // it answered, whatever it was
  dead,     // it can't be found or reached, answers nothing, or no robots.txt but "not now"
  nothing,  // it was not asked, or somebody else failed
};
HostSign host_sign(const std::optional<Error>& error, bool answered);

// A timeout: of a host that has too much to do, until shown otherwise.
bool is_overload(Errc error);

class HostHealth {
 public:
  HostHealth() = default;
  // As it was remembered. Without a breaker what it did is forgotten.
  HostHealth(const HealthRecord& record, const std::optional<BreakerSpec>& breaker,
             const ClockReading& now);

  // The end of a fetch that began at `started`. Returns the wait until the next start on the host,
  // the breaker apart. report's interval and crawl_delay are filled in here.
  Millis on_fetch(const PolitenessSpec& politeness, const std::optional<BreakerSpec>& spec,
                  FetchReport report, const std::optional<Error>& error, Mono started, Mono now);

  // That wait by what is known already, after a fetch that tells nothing new.
  Millis wait_after(const PolitenessSpec& politeness, FetchReport report) const;
  HostRest rest_after(const PolitenessSpec& politeness, FetchReport report) const;

  const HostBreaker& breaker() const { return breaker_; }
  const Error& last_error() const { return last_error_; }
  std::optional<Millis> crawl_delay() const { return crawl_delay_; }
  void set_crawl_delay(Millis delay) { crawl_delay_ = delay; }
  // Slower than usual, or left alone.
  bool is_backing_off() const { return throttle_.interval() > Millis{0} || breaker_.tripped(); }

  // For the store; equal to HealthRecord{} when there is nothing to remember.
  HealthRecord record(const ClockReading& now) const;

 private:
  HostThrottle throttle_;
  HostBreaker breaker_;
  std::optional<Millis> crawl_delay_;
  Error last_error_{Errc::cancelled, {}};  // while it is not well
  Millis wait_{0};                         // the last one, while it is throttled
};

// What `explain` and the records say of an open breaker:
// "after 5 failures in a row and 3 failed probes (connect_refused: …)".
std::string breaker_words(const HealthRecord& record);

}  // namespace trawl::crawl
