// What a run begins with that is no seed: URLs of earlier runs that are to be fetched again.
#include "core/base/log.hpp"
#include "core/crawl/crawler.hpp"
#include "core/crawl/rules_digest.hpp"

namespace trawl::crawl {

// A round that is stopped here goes on with the next run.
coro::Task<> Crawler::queue_again() {
  bool more = co_await committer_.requeue_begun();
  for (more = more || parts_.again != Again::nothing; more && stops_ == 0;)
    more = co_await committer_.requeue(parts_.again);
  const auto interval = recrawl_interval(parts_.job.recrawl);
  if (!interval) co_return;
  for (more = true; more && stops_ == 0;) more = co_await committer_.schedule_recrawl(*interval);
  const Wall now = parts_.clock.wall();
  for (more = true; more && stops_ == 0;) more = co_await committer_.queue_due(now);
}

// What an earlier run excluded, by the rules of this one, when they are others. Once done, the next
// run has the same ones; one that is stopped here begins anew.
coro::Task<> Crawler::reconsider() {
  if (committer_.totals() == StoreTotals{}) co_return;
  const std::string rules = rules_digest(parts_.job);
  auto reading = committer_.meta(rules_key);
  if (co_await std::move(reading) == rules) co_return;
  const std::uint64_t before = committer_.totals().excluded;
  for (bool more = before > 0; more && stops_ == 0;)
    more = co_await committer_.requeue(Again::passing);
  if (before > 0) co_await reconsider_refusals();
  if (const std::uint64_t queued = before - committer_.totals().excluded; queued > 0)
    log("crawl")->info("{} URLs that were excluded by other rules are queued", queued);
  if (stops_ > 0) co_return;
  Commit judged;
  judged.meta.emplace(rules_key, rules);
  auto committing = committer_.commit(std::move(judged));
  static_cast<void>(co_await std::move(committing));
}

coro::Task<> Crawler::reconsider_refusals() {
  for (UrlId after{}; stops_ == 0;) {
    auto refusals = co_await committer_.refusals(after);
    if (refusals.empty()) break;
    after = *refusals.back().replaces;
    Commit commit;
    for (NewUrl& refused : refusals)
      if (auto url = admission_->reconsidered(std::move(refused)))
        commit.admitted.push_back(std::move(*url));
    if (commit.admitted.empty()) continue;
    auto committing = committer_.commit(std::move(commit));
    // The shards, which have yet to begin, find them in the store.
    static_cast<void>(co_await std::move(committing));
  }
}

}  // namespace trawl::crawl
