// What a run begins with that is no seed: URLs of earlier runs that are to be fetched again.
#include "core/crawl/crawler.hpp"

namespace trawl::crawl {

// A round that is stopped here goes on with the next run.
coro::Task<> Crawler::queue_again() {
  bool more = co_await committer_.requeue_begun();
  for (more = more || parts_.again; more && stops_ == 0;) more = co_await committer_.requeue();
  const auto interval = recrawl_interval(parts_.job.recrawl);
  if (!interval) co_return;
  for (more = true; more && stops_ == 0;) more = co_await committer_.schedule_recrawl(*interval);
  const Wall now = parts_.clock.wall();
  for (more = true; more && stops_ == 0;) more = co_await committer_.queue_due(now);
}

}  // namespace trawl::crawl
