#pragma once
// A Crawler in this process on a thread of its own, over a MemoryStore, against a LoopbackServer.

#include "core/crawl/engine/crawler.hpp"
#include "tests/support/loopback_server.hpp"
#include "tests/support/memory_store.hpp"
#include "tests/support/temp_dir.hpp"

#include <future>
#include <string>
#include <vector>

namespace trawl::crawl {

// What every test here sets: loopback allowed, no waits, no breaker, no bodies.
JobSpec impatient_job(std::vector<std::string> seeds);

class CrawlRun {
 public:
  // What it is given outlives the run. buckets: those of several runs.
  CrawlRun(const JobSpec& job, Store& store, bool again = false,
           std::vector<web::Cookie> cookies = {});
  CrawlRun(const JobSpec& job, Store& store, PolitenessBuckets* buckets);
  // What a process gives its jobs.
  struct Process {
    PolitenessBuckets* buckets = nullptr;
    coro::SharedPlaces* places = nullptr;
    int weight = 1;
    OnHostEvent on_host_event = {};
    std::filesystem::path folder = {};  // of output; else one of the run's own
    Again again = Again::nothing;
    bool adds_seeds = false;
  };
  CrawlRun(const JobSpec& job, Store& store, Process process);

  Crawler& crawler() { return crawler_; }
  // Waits for the end; throws what run() threw.
  CrawlEnd wait();

 private:
  CrawlRun(const JobSpec& job, Store& store, Process process, std::vector<web::Cookie> cookies);

  support::TempDir dir_;
  Crawler crawler_;
  std::future<CrawlEnd> end_;
};

std::size_t count(const test::MemoryStore& store, const std::vector<std::string>& urls,
                  UrlState state);

}  // namespace trawl::crawl
