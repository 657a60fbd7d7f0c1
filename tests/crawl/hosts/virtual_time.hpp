#pragma once
// The hands of a clock that tests turn, and URLs that need no more than a number.

#include "core/crawl/hosts/frontier.hpp"

#include <string>

namespace trawl::crawl {

// A time of the virtual clock, in ms since its start.
constexpr Mono at_ms(std::int64_t ms) {
  return Mono{} + Millis{ms};
}

inline QueuedUrl queued_url(std::int64_t host, std::int64_t seq, std::int64_t due_ms = 0) {
  QueuedUrl url;
  url.id = {host, seq};
  url.url = "http://h" + std::to_string(host) + ".test/" + std::to_string(seq);
  url.due_ms = due_ms;
  return url;
}

inline bool is_idle(const Acquired& acquired) {
  return std::holds_alternative<Idle>(acquired);
}

// The time to wait for, in ms; -1 when it is none.
inline std::int64_t wake_ms(const Acquired& acquired) {
  const auto* wake = std::get_if<Mono>(&acquired);
  return wake == nullptr ? -1 : std::chrono::duration_cast<Millis>(*wake - Mono{}).count();
}

// The sequence number of a lease; -1 for a time to wait for, -2 for Idle.
inline std::int64_t leased(const Acquired& acquired) {
  if (const auto* lease = std::get_if<Lease>(&acquired)) return lease->url.id.seq;
  return std::holds_alternative<Mono>(acquired) ? -1 : -2;
}

}  // namespace trawl::crawl
