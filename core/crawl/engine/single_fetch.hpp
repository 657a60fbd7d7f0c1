#pragma once
// SingleFetch: one URL now, kept nowhere, under the politeness, the robots rules and the guards of
// a job's settings. It takes its turn on the host among the jobs of the process. Loop thread only;
// outlives its fetches.

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/coro/shared_places.hpp"
#include "core/coro/task.hpp"
#include "core/crawl/hosts/politeness_buckets.hpp"
#include "core/crawl/job/job.hpp"
#include "core/crawl/state/record.hpp"
#include "core/http/client/speed_limit.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace trawl::crawl {

class SingleFetch {
 public:
  static constexpr std::size_t body_bytes_max = 8 * 1024 * 1024;  // as received, and decoded

  struct Parts {
    const JobSpec& job;  // politeness, robots, fetch and urls of it hold
    PolitenessBuckets& buckets;
    Clock& clock;
    coro::SharedPlaces* places = nullptr;  // of all jobs of the process; null: its own
    http::SpeedLimit* speed = nullptr;     // likewise
    std::size_t at_once_max = 16;          // further ones wait
  };
  struct Fetched {
    Record record;
    std::string body;  // decoded, at most body_bytes_max
    bool body_cut = false;
  };

  // Throws Failure{config} for what the job's checks can't see.
  SingleFetch(const coro::Executor& executor, Parts parts);
  ~SingleFetch();
  SingleFetch(const SingleFetch&) = delete;
  SingleFetch& operator=(const SingleFetch&) = delete;

  // Redirects are not followed: the record says where they go. What can't be fetched is a record
  // that is failed or excluded. Over the timeout, waits for the host included, it failed with
  // total_timeout. Errors: Errc::bad_url for what is no URL to fetch.
  coro::Task<Result<Fetched>> fetch(std::string url, Millis timeout);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trawl::crawl
