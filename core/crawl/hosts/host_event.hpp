#pragma once
// HostEvent: a host is not as before: it is slowed down, left alone, given up, or well again.

#include "core/base/clock.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::crawl {

enum class HostMood : std::uint8_t {
  well,        // fetched from as the job has it
  slowed,      // it said that it has too much to do: a longer wait between fetches
  left_alone,  // its breaker is open
  given_up,    // what is queued fails without being asked for, until the time
};
std::string_view to_string(HostMood mood);  // "well", "slowed", "left_alone", "given_up"

struct HostEvent {
  std::string host;  // web::host_key
  HostMood state = HostMood::well;
  Wall until{};     // not asked before it; of one that is well: now
  std::string why;  // "after 5 failures in a row; the last: reset"; empty when well
};

class HostHealth;
struct ClockReading;

HostMood mood_of(const HostHealth& health, Mono now);
// What is to be told when a host's health changes; nothing when it is neither another mood nor the
// same one with a longer wait. `host` is left to the caller.
std::optional<HostEvent> host_event(const HostHealth& before, const HostHealth& after,
                                    const ClockReading& now);

// Called from any thread; it must only post.
using OnHostEvent = std::function<void(const HostEvent&)>;

}  // namespace trawl::crawl
