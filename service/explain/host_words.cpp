// What holds a host back comes with its reason, since "why is this so slow" is what is asked.
#include "service/explain/host_words.hpp"

#include "core/base/limits.hpp"
#include "core/base/log.hpp"
#include "core/base/units.hpp"
#include "core/crawl/hosts/host_health.hpp"
#include "service/text/progress.hpp"

#include <fmt/format.h>

namespace trawl::service {
namespace {

std::string throttle_words(const crawl::HealthRecord& health) {
  const auto times = static_cast<std::uint64_t>(health.overloads_in_a_row);
  const std::string why = times == 0 ? "recovering from an overload (429, 503 or a timeout)"
                                     : fmt::format("overloaded {} in a row (429, 503 or a timeout)",
                                                   counted(times, "time"));
  return fmt::format("{}: {} between fetches", why, human_duration(health.interval));
}

}  // namespace

bool is_given_up(const crawl::HealthRecord& health) {
  return health.failed_probes >= limits::breaker_probes_max;
}

std::string health_summary(const crawl::HealthRecord& health) {
  if (health.open_until_ms > 0)
    return fmt::format("breaker {} {}", is_given_up(health) ? "gave it up" : "open",
                       printable(crawl::breaker_words(health)));
  return health.interval > Millis{0} ? throttle_words(health) : "as usual";
}

std::string_view wait_words(crawl::WaitFor what) {
  switch (what) {
    case crawl::WaitFor::pace:
      return "the time between two fetches is not over";
    case crawl::WaitFor::retry:
      return "what is queued is to be tried again then";
    case crawl::WaitFor::health:
      return "it is left alone for a while";
    case crawl::WaitFor::others:
      return "another job, or another host of its address or domain, fetched a moment ago";
    case crawl::WaitFor::host_places:
      return "another job fetches from it, as much as politeness.per_host lets be";
    case crawl::WaitFor::domain_places:
      return "other hosts of its domain are fetched from, as many as politeness.per_domain lets be";
    case crawl::WaitFor::ip_places:
      return "other hosts of its address are fetched from, as many as politeness.per_ip lets be";
  }
  return "";
}

std::vector<std::string> health_lines(const crawl::HealthRecord& health, Wall now) {
  std::vector<std::string> lines;
  if (health.interval > Millis{0}) lines.push_back(throttle_words(health));
  if (health.open_until_ms > 0) {
    const Wall until{Millis{health.open_until_ms}};
    lines.push_back(health_summary(health));
    lines.push_back(until <= now ? "one fetch tries it next"
                                 : fmt::format("{} {} (in {})",
                                               is_given_up(health)
                                                   ? "what is queued fails without being asked for "
                                                     "until"
                                                   : "one fetch tries it at",
                                               format_rfc3339(until), human_duration(until - now)));
  } else if (health.failures_in_a_row > 0) {
    lines.push_back(fmt::format("no answer {}", printable(crawl::breaker_words(health))));
  }
  if (lines.empty() && health.crawl_delay)
    lines.push_back(fmt::format("asks for {} between fetches (Crawl-delay)",
                                human_duration(*health.crawl_delay)));
  return lines;
}

JsonWriter& add_health(JsonWriter& json, const crawl::HealthRecord& health) {
  json.key("interval_ms").integer(health.interval.count());
  json.key("overloads_in_a_row").integer(health.overloads_in_a_row);
  json.key("failures_in_a_row").integer(health.failures_in_a_row);
  json.key("failed_probes").integer(health.failed_probes);
  json.key("breaker_open_until");
  health.open_until_ms > 0 ? json.text(format_rfc3339(Wall{Millis{health.open_until_ms}}))
                           : json.null();
  json.key("error").text_or_null(health.error ? to_string(*health.error) : "");
  return json.key("error_detail").text_or_null(health.error_detail);
}

}  // namespace trawl::service
