// Counters of a metrics page never go down, and a job's runs begin at zero each.
#include "service/daemon/metrics_sum.hpp"

namespace trawl::service {

void add_metrics(crawl::CrawlMetrics& sum, const crawl::CrawlMetrics& more) {
  for (std::size_t i = 0; i < crawl::fetch_outcomes; ++i) sum.fetches[i] += more.fetches[i];
  for (std::size_t i = 0; i < crawl::fetch_phases; ++i)
    sum.phase_seconds[i].add(more.phase_seconds[i]);
  sum.fetch_seconds.add(more.fetch_seconds);
  sum.commit_seconds.add(more.commit_seconds);
  sum.bytes_received += more.bytes_received;
  sum.bytes_sent += more.bytes_sent;
}

}  // namespace trawl::service
