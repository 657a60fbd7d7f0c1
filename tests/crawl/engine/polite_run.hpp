#pragma once
// What tests of politeness over sockets share: a job that is polite to a given degree, and when its
// servers were asked.

#include "tests/crawl/engine/list_run.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <thread>
#include <vector>

namespace trawl::crawl {

// A list to be fetched, polite to the given degree.
inline JobSpec list_job(const LoopbackServer& server, std::string_view name, int pages,
                        Millis delay) {
  auto job = impatient_job({});
  for (int i = 0; i < pages; ++i)
    job.seeds.urls.push_back(server.url(fmt::format("/{}{}", name, i)));
  job.mode = JobMode::fetch;
  job.politeness.delay = delay;
  job.politeness.delay_max = std::max(delay, job.politeness.delay_max);
  job.politeness.per_host = 1;
  return job;
}

inline std::vector<Mono> times_of(const std::vector<const LoopbackServer*>& servers) {
  std::vector<Mono> times;
  for (const auto* server : servers)
    for (const auto& request : server->requests()) times.push_back(request.time);
  std::ranges::sort(times);
  return times;
}

inline void wait_until(const std::function<bool()>& holds) {
  const auto begun = system_clock().now();
  while (!holds() && system_clock().now() - begun < std::chrono::seconds(20))
    std::this_thread::sleep_for(Millis{2});
  ASSERT_TRUE(holds());
}

}  // namespace trawl::crawl
