// What is told of a host is what a person would want to know once: that it became slow or dead and
// until when, that it got worse, and that it is well. Not every step of its way back.
#include "core/crawl/hosts/host_event.hpp"

#include "core/base/log.hpp"
#include "core/base/units.hpp"
#include "core/crawl/hosts/host_health.hpp"

#include <fmt/format.h>

namespace trawl::crawl {

std::string_view to_string(HostMood mood) {
  switch (mood) {
    case HostMood::well:
      return "well";
    case HostMood::slowed:
      return "slowed";
    case HostMood::left_alone:
      return "left_alone";
    case HostMood::given_up:
      return "given_up";
  }
  return "?";
}

HostMood mood_of(const HostHealth& health, Mono now) {
  if (health.breaker().tripped())
    return health.breaker().given_up(now) ? HostMood::given_up : HostMood::left_alone;
  return health.is_backing_off() ? HostMood::slowed : HostMood::well;
}

std::optional<HostEvent> host_event(const HostHealth& before, const HostHealth& after,
                                    const ClockReading& now) {
  const HostMood mood = mood_of(after, now.mono);
  const HealthRecord record = after.record(now);
  const bool worse =
      record.overloads_in_a_row > before.record(now).overloads_in_a_row ||
      (after.breaker().tripped() && after.breaker().open_until() != before.breaker().open_until());
  if (mood == mood_of(before, now.mono) && !worse) return std::nullopt;
  HostEvent event{.state = mood, .until = now.wall};
  if (mood == HostMood::slowed) {
    event.until = now.wall + record.wait;
    event.why = fmt::format("429, 503 or a timeout {}; at least {} between fetches",
                            record.overloads_in_a_row == 1
                                ? "once"
                                : fmt::format("{} times in a row", record.overloads_in_a_row),
                            format_duration(record.interval));
  } else if (mood != HostMood::well) {
    event.until = Wall{Millis{record.open_until_ms}};
    event.why = printable(breaker_words(record));
  }
  return event;
}

}  // namespace trawl::crawl
