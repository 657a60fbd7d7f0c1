// libstdc++ 12 has no time zones, and ICU is here for charsets already.
#include "core/base/time_zone.hpp"

#include <fmt/format.h>
#include <unicode/basictz.h>
#include <unicode/unistr.h>

#include <algorithm>

namespace trawl {

struct TimeZone::Zone {
  std::unique_ptr<icu::BasicTimeZone> icu;
};

namespace {

constexpr std::size_t name_bytes_max = 64;

UDate to_icu(Wall time) {
  return static_cast<UDate>(time.time_since_epoch().count());
}

}  // namespace

TimeZone::TimeZone() = default;
TimeZone::~TimeZone() = default;
TimeZone::TimeZone(TimeZone&&) noexcept = default;
TimeZone& TimeZone::operator=(TimeZone&&) noexcept = default;

TimeZone::TimeZone(const TimeZone& other) : name_(other.name_) {
  if (other.zone_)
    zone_ = std::make_unique<Zone>(
        Zone{std::unique_ptr<icu::BasicTimeZone>{other.zone_->icu->clone()}});
}

TimeZone& TimeZone::operator=(const TimeZone& other) {
  if (this != &other) *this = TimeZone{other};
  return *this;
}

Result<TimeZone> TimeZone::find(const std::string& name) {
  TimeZone zone;
  if (name == "UTC") return zone;
  const auto refuse = [&] {
    return fail(Errc::config, fmt::format("\"{}\" is no time zone like \"Europe/Berlin\"", name));
  };
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
           c == '_' || c == '-' || c == '+';
  };
  if (name.empty() || name.size() > name_bytes_max || !std::ranges::all_of(name, allowed))
    return refuse();
  std::unique_ptr<icu::TimeZone> found{
      icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(name))};
  if (!found || *found == icu::TimeZone::getUnknown()) return refuse();
  auto* basic = dynamic_cast<icu::BasicTimeZone*>(found.get());
  if (basic == nullptr) return refuse();
  static_cast<void>(found.release());
  zone.name_ = name;
  zone.zone_ = std::make_unique<Zone>(Zone{std::unique_ptr<icu::BasicTimeZone>{basic}});
  return zone;
}

Millis TimeZone::offset(Wall time) const {
  if (!zone_) return Millis{0};
  std::int32_t raw = 0, daylight = 0;
  UErrorCode status = U_ZERO_ERROR;
  zone_->icu->getOffset(to_icu(time), 0, raw, daylight, status);
  return U_SUCCESS(status) ? Millis{raw + daylight} : Millis{0};
}

std::chrono::local_time<Millis> TimeZone::local(Wall time) const {
  return std::chrono::local_time<Millis>{time.time_since_epoch() + offset(time)};
}

TimeZone::Instants TimeZone::instants(LocalMinutes local_time) const {
  const Wall as_utc{local_time.time_since_epoch()};
  if (!zone_) return {.first = as_utc};
  const auto with_offset = [&](UTimeZoneLocalOption choice) {
    std::int32_t raw = 0, daylight = 0;
    UErrorCode status = U_ZERO_ERROR;
    zone_->icu->getOffsetFromLocal(to_icu(as_utc), choice, choice, raw, daylight, status);
    return as_utc - (U_SUCCESS(status) ? Millis{raw + daylight} : Millis{0});
  };
  const Wall before = with_offset(UCAL_TZ_LOCAL_FORMER);
  const Wall after = with_offset(UCAL_TZ_LOCAL_LATTER);
  if (before == after) return {.first = before};
  if (before < after) return {.first = before, .second = after};
  return {.first = jump_between(after, before), .skipped = true};
}

// The instant between the two at which the offset changes.
Wall TimeZone::jump_between(Wall before, Wall after) const {
  const Millis old = offset(before);
  while (after - before > Millis{1}) {
    const Wall middle = before + (after - before) / 2;
    (offset(middle) == old ? before : after) = middle;
  }
  return after;
}

}  // namespace trawl
