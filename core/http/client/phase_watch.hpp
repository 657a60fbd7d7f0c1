#pragma once
// PhaseWatch: which phase a fetch is in and when that phase is over its time. Told of what
// happens; decides, waits for nothing. libcurl's own low-speed check counts whole seconds, before
// the answer too, and sets a timer a second for each transfer; so the speed is judged here.

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/http/message/message.hpp"

#include <cstdint>
#include <optional>

namespace trawl::http {

class PhaseWatch {
 public:
  // resolved_in: how long the name took that was resolved before; else on_resolved() is awaited.
  PhaseWatch(const Timeouts& timeouts, const Clock& clock = system_clock(),
             std::optional<Millis> resolved_in = {})
      : timeouts_(timeouts),
        clock_(clock),
        started_(clock.now() - resolved_in.value_or(Millis{0})) {
    if (resolved_in) on_resolved();
  }

  void on_resolved();  // the first time counts
  void on_request();   // again when libcurl repeats it on a fresh connection
  void on_bytes(std::uint64_t count);
  // We held the transfer up ourselves until now: its speed is judged anew. For as long as it was
  // slowed down on purpose no time went by.
  void on_resumed(Millis slowed = Millis{0}) {
    slowed_ += slowed;
    begin_window();
  }

  bool resolved() const { return resolved_.has_value(); }
  bool requested() const { return requested_.has_value(); }
  bool answering() const { return window_start_.has_value(); }
  Millis elapsed() const;  // but for what it was slowed down

  // When to look next. Phases change without a word, so it is no later than the soonest that one
  // which has yet to begin could be over its time.
  Mono deadline() const;
  // Which time is over now, if any. Slow is less than min_speed over a span of min_speed_time.
  std::optional<Errc> expired();

 private:
  struct Next {
    Mono at;
    Errc error;
  };
  Next next() const;
  Millis shortest_to_come() const;
  void begin_window();

  Timeouts timeouts_;
  const Clock& clock_;
  Mono started_;
  Millis slowed_{0};
  std::optional<Mono> resolved_;
  std::optional<Mono> requested_;
  std::optional<Mono> window_start_;
  std::uint64_t window_bytes_ = 0;
};

}  // namespace trawl::http
