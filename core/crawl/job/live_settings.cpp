// The list of keys is what a service goes by to tell a change that a run can take from one that
// needs a new run.
#include "core/crawl/job/live_settings.hpp"

#include <algorithm>
#include <array>

namespace trawl::crawl {
namespace {

constexpr std::array<std::string_view, 17> keys{
    "fetch.concurrency",     "limits.bandwidth",     "limits.bytes",
    "limits.duration",       "limits.min_free_disk", "limits.pages",
    "limits.pages_per_host", "politeness.adaptive",  "politeness.crawl_delay_max",
    "politeness.delay",      "politeness.delay_max", "politeness.per_domain",
    "politeness.per_host",   "politeness.per_ip",    "politeness.retry_after_max",
    "scope.exclude",         "scope.include"};
static_assert(std::ranges::is_sorted(keys));

}  // namespace

LiveSettings live_settings(const JobSpec& job) {
  return {.politeness = job.politeness,
          .concurrency = job.fetch.concurrency,
          .limits = job.limits,
          .include = job.scope.include,
          .exclude = job.scope.exclude};
}

void apply(const LiveSettings& settings, JobSpec& job) {
  job.politeness = settings.politeness;
  job.fetch.concurrency = settings.concurrency;
  job.limits = settings.limits;
  job.scope.include = settings.include;
  job.scope.exclude = settings.exclude;
}

std::span<const std::string_view> live_keys() {
  return keys;
}

bool may_change_live(std::string_view key) {
  return std::ranges::binary_search(keys, key);
}

std::shared_ptr<const LiveJob> with_live_settings(const JobSpec& job,
                                                  const LiveSettings& settings) {
  JobSpec changed = job;
  changed.seeds = {};  // perhaps many, and none of a shard's business
  apply(settings, changed);
  return std::make_shared<const LiveJob>(std::move(changed));
}

}  // namespace trawl::crawl
