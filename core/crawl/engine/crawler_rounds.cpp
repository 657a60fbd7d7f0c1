// What a run begins with that is no seed: URLs of earlier runs that are to be fetched again.
#include "core/base/log.hpp"
#include "core/crawl/engine/crawler.hpp"
#include "core/crawl/job/rules_digest.hpp"
#include "core/web/digest.hpp"
#include "core/web/url/url.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace trawl::crawl {
namespace {

// Whether all was judged by other rules so far; then they go into the commit.
coro::Task<bool> take_rules(Committer& committer, std::string key, std::string rules,
                            Commit& judged) {
  auto reading = committer.meta(key);
  const auto before = co_await std::move(reading);
  if (before == rules) co_return false;
  judged.meta.insert_or_assign(std::move(key), std::move(rules));
  co_return true;
}

// A list that is fetched into a crawl's folder has limits of its own.
std::string body_limits_key_of(const JobSpec& job) {
  return std::string{body_limits_key} + (job.mode == JobMode::fetch ? ".list" : "");
}

}  // namespace

// A source of URLs for as long as it takes, of which there is one at a time.
struct Crawler::Judging {
  Crawler& crawler;
  ~Judging() {
    crawler.judging_ = false;
    crawler.control_.sources().close();
  }
};

// A round that is stopped here goes on with the next run, which begins its own behind it.
coro::Task<> Crawler::queue_again() {
  bool more = co_await committer_.requeue_begun();
  while (more && stops_ == 0) more = co_await committer_.requeue(Again::nothing);
  for (more = parts_.again != Again::nothing; more && stops_ == 0;)
    more = co_await committer_.requeue(parts_.again);
  const auto interval = recrawl_interval(parts_.job.recrawl);
  if (!interval) co_return;
  for (more = true; more && stops_ == 0;) more = co_await committer_.schedule_recrawl(*interval);
  const Wall now = parts_.clock.wall();
  for (more = true; more && stops_ == 0;) more = co_await committer_.queue_due(now);
}

// What an earlier run excluded, by the rules of this one, when they are others. Once done, the next
// run has the same ones; one that is stopped here begins anew. A list has no scope, and judges
// nothing by it.
coro::Task<> Crawler::reconsider() {
  if (committer_.totals() == StoreTotals{}) co_return;
  const std::uint64_t before = committer_.totals().excluded;
  Commit judged;
  auto asking = take_rules(committer_, passing_rules_key, passing_rules_digest(parts_.job), judged);
  const bool passing_changed = co_await std::move(asking);
  for (bool more = passing_changed && before > 0; more && stops_ == 0;)
    more = co_await committer_.requeue(Again::passing);
  if (parts_.job.mode != JobMode::fetch) {
    auto asking_scope = take_rules(committer_, rules_key, rules_digest(parts_.job), judged);
    const bool scope_changed = co_await std::move(asking_scope);
    if ((scope_changed || seeds_return_) && before > 0) co_await reconsider_refusals();
  }
  if (const std::uint64_t queued = before - committer_.totals().excluded; queued > 0)
    log("crawl")->info("{} {} by other rules {} queued", queued,
                       queued == 1 ? "URL that was excluded" : "URLs that were excluded",
                       queued == 1 ? "is" : "are");
  if (stops_ > 0 || judged.meta.empty()) co_return;
  auto committing = committer_.commit(std::move(judged));
  static_cast<void>(co_await std::move(committing));
}

// What earlier runs took as outlinks, and the scope has for itself by now: their links were not
// followed.
coro::Task<> Crawler::read_outlinks() {
  const auto print = admission_->outlinks_print();
  if (!print) co_return;
  Commit judged;
  auto asking = take_rules(committer_, outlinks_key, fmt::format("{:016x}", *print), judged);
  if (!co_await std::move(asking)) co_return;
  const std::uint64_t before = committer_.totals().queued;
  // As what a page links to: what the patterns would leave out keeps its record.
  const auto is_outlink = [this](std::string_view text) {
    const auto url = web::Url::parse(text);
    return !url || !admission_->has_page(*url, 1);
  };
  for (std::optional<UrlId> after = UrlId{}; after && stops_ == 0;) {
    auto queueing = committer_.requeue_outlinks(*after, is_outlink);
    after = co_await std::move(queueing);
  }
  if (const std::uint64_t queued = committer_.totals().queued - before; queued > 0)
    log("crawl")->info("{} queued, to follow {} links",
                       queued == 1
                           ? "An outlink that has come into the scope is"
                           : fmt::format("{} outlinks that have come into the scope are", queued),
                       queued == 1 ? "its" : "their");
  if (stops_ > 0) co_return;
  auto committing = committer_.commit(std::move(judged));
  static_cast<void>(co_await std::move(committing));
}

// What an earlier run cut and this one would not. A run that is stopped here leaves it to the next.
coro::Task<> Crawler::fetch_whole() {
  auto reading = committer_.meta(body_limits_key_of(parts_.job));
  const auto before = co_await std::move(reading);
  const std::string now = body_limits(parts_.job);
  if (before == now) co_return;
  if (before && has_higher_limit(*before, now)) {
    auto queueing = queue_cut();
    co_await std::move(queueing);
  }
  if (stops_ == 0) kept_.meta[body_limits_key_of(parts_.job)] = now;
}

// Of what a crawl cut, a list that is fetched into its folder knows nothing.
coro::Task<> Crawler::queue_cut() {
  auto asking = committer_.meta(body_limits_key);
  const auto of_crawl = co_await std::move(asking);
  if (parts_.job.mode == JobMode::fetch && of_crawl) co_return;
  const std::uint64_t queued = committer_.totals().queued;
  for (bool more = true; more && stops_ == 0;) {
    auto queueing = committer_.requeue(Again::cut);
    more = co_await std::move(queueing);
  }
  if (const std::uint64_t cut = committer_.totals().queued - queued; cut > 0)
    log("crawl")->info("{} cut by a lower fetch.max_body {} queued",
                       cut == 1 ? "a body that was" : fmt::format("{} bodies that were", cut),
                       cut == 1 ? "is" : "are");
}

coro::Task<> Crawler::reconsider_refusals() {
  // Those that were fetched once are asked when their turn comes, as they were.
  for (bool more = true; more && stops_ == 0;) more = co_await committer_.requeue(Again::left_out);
  auto queueing = queue_refusals();
  co_await std::move(queueing);
}

// As links of depth 0: what a pattern or a trap refuses is none; nor is a link that could redirect
// no further then, as it may now.
coro::Task<Committer::Hops> Crawler::make_some_hops() {
  const auto leads_to = [this](const KnownSeed& seed) -> std::optional<std::uint64_t> {
    const auto url = seed.sitemap ? std::nullopt : admission_->leads_to(seed);
    return url ? std::optional{web::fingerprint(url->href())} : std::nullopt;
  };
  const auto may_lead = [this](const KnownSeed& seed, bool is_link) {
    const auto url = admission_->leads_to(seed);
    const auto found = url ? admission_->found(*url, 0, seed.id) : std::nullopt;
    if (!found || found->excluded) return false;
    if (!is_link) return true;
    const int hops_max = sites_.of(found->host).fetch.max_redirects;
    return std::cmp_less(seed.redirect_chain.size() + 1, hops_max);
  };
  const auto is_seed = [this](const KnownSeed& seed) {
    return seed.sitemap || (seed.redirect_chain.empty() && !admission_->is_dropped_seed(seed));
  };
  return committer_.make_hops({leads_to, may_lead, is_seed});
}

// What was found as a link first, and a seed redirects to, is as good as one: before the run ends,
// while nothing else is queued. A run that is stopped here leaves it to the start of the next.
coro::Task<> Crawler::make_hops() {
  const Judging judging{*this};
  control_.begin_hops();
  Committer::Hops hops;
  try {
    auto widening = widen_by_hops();
    co_await std::move(widening);
    auto making = make_some_hops();
    hops = co_await std::move(making);
  } catch (const Failure& failure) {
    if (failure.code() != Errc::disk_full) throw;
    control_.note_known_hop();  // when there is room
  }
  if (hops.made > 0) control_.note_known_hop();  // until there are none
  // What was refused may be nearer now.
  if (hops.admit && committer_.totals().excluded > 0) control_.note_wider();
  auto publishing = publish(std::move(hops.queued));
  co_await std::move(publishing);
}

// One that was no seed when it redirected may be a hop since.
coro::Task<> Crawler::widen_by_hops() {
  auto looking = committer_.each_seed([this](const KnownSeed& seed) {
    if (const auto target = admission_->leads_to(seed)) admission_->widen(*target);
  });
  co_await std::move(looking);
  Commit commit;
  note_wider(commit);
  if (commit.meta.empty()) co_return;
  auto committing = committer_.commit(std::move(commit));
  static_cast<void>(co_await std::move(committing));
}

// The scope has become wider by where a seed redirected, or by seeds that came late: what was
// refused before is judged once more before the run ends. A run that is stopped here leaves it to
// the next.
coro::Task<> Crawler::judge_wider() {
  const Judging judging{*this};
  control_.begin_judging();
  if (left_out_after_ == UrlId{}) judged_widenings_ = admission_->widenings();
  auto queueing_left_out = queue_left_out();
  if (const bool more = co_await std::move(queueing_left_out); more) {
    control_.note_wider();  // the others' turn comes when these are done
    co_return;
  }
  left_out_after_ = {};
  auto queueing = queue_refusals();
  co_await std::move(queueing);
  if (admission_->widenings() != judged_widenings_) control_.note_wider();
  if (control_.stopping() || control_.is_wider() || rules_changed_) co_return;
  auto committing = committer_.commit(Commit{.meta = {{rules_key, rules_digest(parts_.job)}}});
  static_cast<void>(co_await std::move(committing));
}

// A piece, while nothing else is queued, so that the frontiers' memory has its bound and no refill
// has come to it before. False: there is none left.
coro::Task<bool> Crawler::queue_left_out() {
  std::vector<Published> urls;
  try {
    auto queueing = committer_.requeue_left_out(left_out_after_);
    urls = co_await std::move(queueing);
  } catch (const Failure& failure) {
    if (failure.code() != Errc::disk_full) throw;
    co_return true;  // when there is room
  }
  if (urls.empty()) co_return false;
  left_out_after_ = urls.back().url.id;
  auto publishing = publish(std::move(urls));
  co_await std::move(publishing);
  co_return true;
}

coro::Task<> Crawler::queue_refusals() {
  for (UrlId after{}; stops_ == 0 && !control_.stopping();) {
    auto refusals = co_await committer_.refusals(after);
    if (refusals.empty()) break;
    after = *refusals.back().url.replaces;
    Commit commit;
    for (RefusedUrl& refused : refusals)
      if (auto url = admission_->reconsidered(std::move(refused)))
        commit.admitted.push_back(std::move(*url));
    if (commit.admitted.empty()) continue;
    auto committing = committer_.commit(std::move(commit));
    // Shards that have yet to begin find them in the store.
    auto published = co_await std::move(committing);
    if (shards_running_ == 0) continue;
    auto publishing = publish(std::move(published));
    co_await std::move(publishing);
  }
}

}  // namespace trawl::crawl
