// The clock is the system's: what is tested here is how the parts work together over sockets.
#include "tests/crawl/engine/crawl_run.hpp"

#include "core/coro/loop.hpp"

namespace trawl::crawl {

JobSpec impatient_job(std::vector<std::string> seeds) {
  JobSpec job;
  job.seeds.urls = std::move(seeds);
  job.politeness.delay = Millis{0};
  job.politeness.adaptive.reset();
  job.politeness.per_host = 8;
  job.politeness.per_ip.reset();
  job.politeness.delay_max = Millis{100};
  job.limits.min_free_disk_bytes.reset();
  job.fetch.allow_private_networks = {"127.0.0.0/8"};
  job.fetch.backoff_min = Millis{10};
  job.fetch.backoff_max = Millis{50};
  job.fetch.host_breaker.reset();
  job.output.bodies = BodyMode::none;
  job.output.shards = 2;
  return job;
}

namespace {

// With the folder that a real run is given.
std::filesystem::path with_tmp(const std::filesystem::path& folder) {
  std::filesystem::create_directory(folder / "tmp");
  return folder;
}

}  // namespace

CrawlRun::CrawlRun(const JobSpec& job, Store& store, bool again, std::vector<web::Cookie> cookies)
    : CrawlRun(job, store, Process{.again = again ? Again::all : Again::nothing},
               std::move(cookies)) {}

CrawlRun::CrawlRun(const JobSpec& job, Store& store, PolitenessBuckets* buckets)
    : CrawlRun(job, store, Process{.buckets = buckets}, {}) {}

CrawlRun::CrawlRun(const JobSpec& job, Store& store, Process process)
    : CrawlRun(job, store, std::move(process), {}) {}

CrawlRun::CrawlRun(const JobSpec& job, Store& store, Process process,
                   std::vector<web::Cookie> cookies)
    : crawler_{{.job = job,
                .store = store,
                .archive = nullptr,
                .clock = system_clock(),
                .output_dir = with_tmp(process.folder.empty() ? dir_.path() : process.folder),
                .cookies = std::move(cookies),
                .again = process.again,
                .adds_seeds = process.adds_seeds,
                .buckets = process.buckets,
                .places = process.places,
                .weight = process.weight,
                .on_host_event = std::move(process.on_host_event)}},
      end_(std::async(std::launch::async, [this] { return coro::run_root(crawler_.run()); })) {}

CrawlEnd CrawlRun::wait() {
  return end_.get();
}

std::size_t count(const test::MemoryStore& store, const std::vector<std::string>& urls,
                  UrlState state) {
  std::size_t number = 0;
  for (const auto& url : urls) {
    const auto record = store.record(url);
    number += record && record->outcome.state == state ? 1 : 0;
  }
  return number;
}

}  // namespace trawl::crawl
