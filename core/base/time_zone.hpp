#pragma once
// TimeZone: local times of a place, by the IANA database that ICU carries, so that a container
// without /usr/share/zoneinfo knows them too.

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace trawl {

// A time as clocks on the wall there show it.
using LocalMinutes = std::chrono::local_time<std::chrono::minutes>;

class TimeZone {
 public:
  // UTC.
  TimeZone();
  ~TimeZone();
  TimeZone(const TimeZone& other);
  TimeZone& operator=(const TimeZone& other);
  TimeZone(TimeZone&&) noexcept;
  TimeZone& operator=(TimeZone&&) noexcept;

  // A name of the IANA database: "Europe/Berlin", "UTC". Errors: Errc::config.
  static Result<TimeZone> find(const std::string& name);

  const std::string& name() const { return name_; }

  std::chrono::local_time<Millis> local(Wall time) const;

  // What a local time is in the world: once as a rule, twice where clocks are set back, and where
  // they are set forward not at all: then `first` is the instant at which they are.
  struct Instants {
    Wall first{};
    std::optional<Wall> second;
    bool skipped = false;
  };
  Instants instants(LocalMinutes local) const;

 private:
  struct Zone;

  Millis offset(Wall time) const;
  Wall jump_between(Wall before, Wall after) const;

  std::string name_ = "UTC";
  std::unique_ptr<Zone> zone_;  // null: UTC
};

}  // namespace trawl
