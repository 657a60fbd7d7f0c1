#pragma once
// A host's health as people and programs read it. Pure.

#include "core/base/clock.hpp"
#include "core/crawl/hosts/host_wait.hpp"
#include "core/crawl/state/store.hpp"
#include "service/text/json_writer.hpp"

#include <string>
#include <vector>

namespace trawl::service {

// Its queued URLs fail without being asked for, until its breaker's time.
bool is_given_up(const crawl::HealthRecord& health);

// One line: "overloaded 3 times in a row: 8 s between fetches". Made printable.
std::string health_summary(const crawl::HealthRecord& health);
// Why a host waits: "the time between two fetches is not over".
std::string_view wait_words(crawl::WaitFor what);
// The same with times, a line a matter. now: for what is over by now.
std::vector<std::string> health_lines(const crawl::HealthRecord& health, Wall now);

// Its members, into an object that is open. Names are in docs/explain.md.
JsonWriter& add_health(JsonWriter& json, const crawl::HealthRecord& health);

}  // namespace trawl::service
