// An answer of any status says that the host is there, but for one to robots.txt that leaves its
// rules open; whether it is well is another question, which the throttle answers.
#include "core/crawl/hosts/host_health.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trawl::crawl {
namespace {

// What is over is now: how long ago it was may be more than a difference of times can hold.
std::int64_t to_wall_ms(Mono time, const ClockReading& now) {
  const auto ahead = std::chrono::ceil<Millis>(std::max(time, now.mono) - now.mono);
  return (now.wall + ahead).time_since_epoch().count();
}

std::string counted(int number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

}  // namespace

HostSign host_sign(const std::optional<Error>& error, bool answered) {
  // Whatever it answers: nothing may be asked of it, and each URL would ask for robots.txt anew.
  if (error && error->code == Errc::robots_unreachable) return HostSign::dead;
  if (answered || !error) return HostSign::alive;
  switch (error->code) {
    case Errc::dns:
    case Errc::dns_timeout:
    case Errc::connect_refused:
    case Errc::connect_timeout:
    case Errc::tls:
    case Errc::first_byte_timeout:
    case Errc::total_timeout:
    case Errc::too_slow:
    case Errc::reset:
      return HostSign::dead;
    case Errc::tls_cert:
    case Errc::protocol:
    case Errc::header_too_large:
      return HostSign::alive;
    default:
      return HostSign::nothing;
  }
}

bool is_overload(Errc error) {
  return error == Errc::connect_timeout || error == Errc::first_byte_timeout ||
         error == Errc::total_timeout || error == Errc::too_slow;
}

HostHealth::HostHealth(const HealthRecord& record, const std::optional<BreakerSpec>& breaker,
                       const ClockReading& now)
    : throttle_(record.interval, record.overloads_in_a_row),
      crawl_delay_(record.crawl_delay),
      last_error_{record.error.value_or(Errc::cancelled), record.error_detail},
      wait_(record.wait) {
  if (!breaker) return;
  // No longer than it was opened for, whatever the wall clock says by now. Zero is closed; a time
  // that has passed is a probe that is due.
  const Millis open_max = breaker_pause(*breaker, record.failed_probes);
  const Mono open_until =
      record.open_until_ms == 0
          ? Mono::min()
          : std::max(due_time(record.open_until_ms, now, open_max), Mono::min() + Millis{1});
  breaker_ = HostBreaker{record.failures_in_a_row, record.failed_probes, open_until};
}

Millis HostHealth::on_fetch(const PolitenessSpec& politeness,
                            const std::optional<BreakerSpec>& spec, FetchReport report,
                            const std::optional<Error>& error, Mono started, Mono now) {
  const Politeness rules{politeness};
  const HostSign sign = host_sign(error, report.status.has_value());
  report.crawl_delay = crawl_delay_;
  const Millis usual = rules.set_wait(report);
  if (is_throttled(report.status) || (error && !report.status && is_overload(error->code)))
    throttle_.on_overload(usual, politeness.delay_max, started, now);
  else if (report.status && *report.status < 500)
    throttle_.on_good(usual, started);
  if (sign == HostSign::alive) breaker_.on_success();
  if (sign == HostSign::dead && spec) breaker_.on_failure(*spec, started, now);
  if (error && sign == HostSign::dead) last_error_ = *error;
  wait_ = wait_after(politeness, report);
  return wait_;
}

Millis HostHealth::wait_after(const PolitenessSpec& politeness, FetchReport report) const {
  return rest_after(politeness, report).wait;
}

HostRest HostHealth::rest_after(const PolitenessSpec& politeness, FetchReport report) const {
  report.interval = throttle_.interval();
  report.crawl_delay = crawl_delay_;
  return Politeness{politeness}.rest_after(report);
}

HealthRecord HostHealth::record(const ClockReading& now) const {
  HealthRecord record{.interval = throttle_.interval(),
                      .overloads_in_a_row = throttle_.overloads_in_a_row(),
                      .failures_in_a_row = breaker_.failures_in_a_row(),
                      .failed_probes = breaker_.failed_probes(),
                      .crawl_delay = crawl_delay_};
  if (breaker_.tripped())
    record.open_until_ms = std::max<std::int64_t>(to_wall_ms(breaker_.open_until(), now), 1);
  if (record.interval > Millis{0}) record.wait = wait_;
  if (record.failures_in_a_row == 0) return record;
  record.error = last_error_.code;
  record.error_detail = last_error_.detail;
  return record;
}

std::string breaker_words(const HealthRecord& record) {
  std::string text = "after " + counted(record.failures_in_a_row, "failure") + " in a row";
  if (record.failed_probes > 0) text += " and " + counted(record.failed_probes, "failed probe");
  if (!record.error) return text;
  text += fmt::format("; the last: {}", to_string(*record.error));
  if (!record.error_detail.empty()) text += fmt::format(", {}", record.error_detail);
  return text;
}

}  // namespace trawl::crawl
