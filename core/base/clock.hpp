#pragma once
// Time comes in through a constructor, so that tests and simulations can turn the hands.
// Two clocks: Mono never jumps and orders fetches; Wall is what records show.

#include <chrono>
#include <string>
#include <string_view>

namespace trawl {

using Millis = std::chrono::milliseconds;
using Mono = std::chrono::steady_clock::time_point;
using Wall = std::chrono::sys_time<std::chrono::milliseconds>;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Mono now() const = 0;   // monotonic
  virtual Wall wall() const = 0;  // UTC, millisecond resolution
};

// The machine's clocks. One object for the whole program.
Clock& system_clock();

// RFC 3339 in UTC with milliseconds: "2026-01-31T23:59:59.123Z".
std::string format_rfc3339(Wall time);

// WARC-Date and file names: "2026-01-31T23:59:59Z" and "20260131235959".
std::string format_seconds(Wall time);
std::string format_compact(Wall time);

}  // namespace trawl
