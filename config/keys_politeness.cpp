// [politeness] and [robots]: how the job treats other people's servers.
#include "config/key.hpp"

namespace trawl::config {
namespace {

using crawl::JobSpec;

void add_robots_keys(std::vector<Key>& keys) {
  using crawl::RobotsPolicy;
  using crawl::RobotsSpec;
  keys.push_back(make_key(
      "robots.policy",
      "`\"ignore\"` fetches what robots.txt disallows; the log, the archives' `warcinfo` records "
      "and `trawl explain` say so.",
      Choice<RobotsPolicy>{{{"obey", RobotsPolicy::obey}, {"ignore", RobotsPolicy::ignore}}},
      &JobSpec::robots, &RobotsSpec::policy));
  keys.push_back(make_key("robots.ttl", "How long a robots.txt is used before it is fetched again.",
                          Duration{.min = Millis{1000}}, &JobSpec::robots, &RobotsSpec::ttl));
  keys.push_back(make_key("robots.meta", "Obey meta robots, X-Robots-Tag and `rel=nofollow`.",
                          Flag{}, &JobSpec::robots, &RobotsSpec::meta));
}

void add_shared_keys(std::vector<Key>& keys) {
  using crawl::PolitenessSpec;
  keys.push_back(make_key("politeness.per_domain",
                          "Hosts of one registrable domain that are crawled side by side, by all "
                          "jobs of the process: a fetch counts until its host's pause is over.",
                          or_off(Count{.min = 1, .max = 100'000}), &JobSpec::politeness,
                          &PolitenessSpec::per_domain));
  keys.push_back(make_key(
      "politeness.per_ip", "Fetches at once from one address, by all jobs of the process.",
      or_off(Count{.min = 1, .max = 100'000}), &JobSpec::politeness, &PolitenessSpec::per_ip));
}

}  // namespace

void add_politeness_keys(std::vector<Key>& keys) {
  using crawl::PolitenessSpec;
  keys.push_back(make_key("politeness.delay",
                          "Pause between the end of a fetch and the next one on the same host.",
                          Duration{}, &JobSpec::politeness, &PolitenessSpec::delay));
  keys.push_back(make_key("politeness.per_host", "Fetches at once on one host.",
                          Count{.min = 1, .max = 1000}, &JobSpec::politeness,
                          &PolitenessSpec::per_host));
  add_shared_keys(keys);
  keys.push_back(make_key("politeness.adaptive",
                          "Pause at least this many times as long as the host's last answer took.",
                          or_off(Number{}), &JobSpec::politeness, &PolitenessSpec::adaptive));
  keys.push_back(make_key("politeness.delay_max",
                          "No pause is longer than this, except for Retry-After and Crawl-delay.",
                          Duration{}, &JobSpec::politeness, &PolitenessSpec::delay_max));
  keys.push_back(make_key("politeness.retry_after_max",
                          "The longest Retry-After that is waited for; longer ones are cut to it.",
                          Duration{}, &JobSpec::politeness, &PolitenessSpec::retry_after_max));
  keys.push_back(make_key("politeness.crawl_delay_max",
                          "The longest Crawl-delay of a robots.txt; longer ones are cut to it.",
                          Duration{}, &JobSpec::politeness, &PolitenessSpec::crawl_delay_max));
  add_robots_keys(keys);
}

}  // namespace trawl::config
