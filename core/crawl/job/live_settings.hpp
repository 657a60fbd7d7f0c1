#pragma once
// LiveSettings: what may change while a job runs. Everything else of a job holds from its start to
// its end. docs/jobs.md says what becomes of URLs that are queued already.

#include "core/crawl/job/job.hpp"
#include "core/crawl/job/site_settings.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trawl::crawl {

struct LiveSettings {
  PolitenessSpec politeness;
  int concurrency = 256;  // fetch.concurrency
  LimitSpec limits;
  std::vector<std::string> include;  // scope.include
  std::vector<std::string> exclude;  // scope.exclude
};

LiveSettings live_settings(const JobSpec& job);
// The job as it is with them. Its sites still have the word over them for their hosts.
void apply(const LiveSettings& settings, JobSpec& job);

// The keys of a job file that they come from, sorted: "fetch.concurrency".
std::span<const std::string_view> live_keys();
bool may_change_live(std::string_view key);

// A job after a change, as shards see it. Shared by them and by the visits that began under it.
struct LiveJob {
  explicit LiveJob(JobSpec changed) : job(std::move(changed)), sites(job) {}
  LiveJob(const LiveJob&) = delete;
  LiveJob& operator=(const LiveJob&) = delete;

  const JobSpec job;  // without seeds
  const SiteSettings sites;
};
std::shared_ptr<const LiveJob> with_live_settings(const JobSpec& job, const LiveSettings& settings);

}  // namespace trawl::crawl
