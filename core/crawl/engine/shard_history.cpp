// What one fetch knows of those before it, and what those after it will know of it.
#include "core/crawl/engine/shard.hpp"
#include "core/crawl/pages/refetch.hpp"
#include "core/crawl/state/retry_after.hpp"
#include "core/web/timestamp.hpp"

#include <algorithm>

namespace trawl::crawl {
namespace {

bool is_missing(const Outcome& outcome) {
  return outcome.status == 404 || outcome.status == 410;
}

// The later of what the server and the sitemap say.
std::optional<Wall> modified_at(const Visit& visit, const Outcome& outcome, Wall now) {
  auto modified = parse_http_date(outcome.last_modified, now);
  if (!visit.history) return modified;
  const auto listed = web::parse_w3c_datetime(visit.history->sitemap_lastmod);
  if (listed && *listed <= now) modified = std::max(modified.value_or(*listed), *listed);
  return modified;
}

Check::Found found_by(const Visit& visit, const Outcome& outcome) {
  if (outcome.state != UrlState::fetched || outcome.revisit == Revisit::kept)
    return Check::Found::nothing;
  if (!visit.last) return Check::Found::page;
  // The header alone may say so, as with X-Robots-Tag.
  const bool same_use = visit.last->robots_meta == outcome.robots_meta;
  if (outcome.revisit == Revisit::not_modified && same_use) return Check::Found::unchanged;
  const bool was_gone =
      visit.history && visit.history->page && visit.history->page->gone_since.has_value();
  const bool was_there = visit.earlier && has_page(*visit.earlier);
  if (is_missing(outcome) && (was_there || was_gone)) return Check::Found::gone;
  const bool same = visit.last->status == outcome.status && visit.last->digest == outcome.digest &&
                    visit.last->redirect_to == outcome.redirect_to && same_use &&
                    visit.last->content_type == outcome.content_type &&
                    visit.last->charset == outcome.charset;
  return same ? Check::Found::unchanged : Check::Found::page;
}

// What the scope leaves out now is not asked for again by itself. When that was found is what tells
// whoever asks for the changes since a time.
std::optional<PageHistory> history_of_excluded(const Visit& visit, Wall now) {
  if (!visit.history || !visit.history->page) return std::nullopt;
  PageHistory page = *visit.history->page;
  page.last_checked = now;
  page.next_due.reset();
  return page;
}

}  // namespace

// A plain crawl has nothing to ask here: its URLs have never been fetched before.
coro::Task<> Shard::recall(Visit& visit) {
  const QueuedUrl& url = visit.leased.url;
  if (!url.fetched_before && !(recrawl_.on() && url.sitemap)) co_return;
  auto asking = context_.committer.recall(url.id);
  Recalled known = co_await std::move(asking);
  visit.history = std::move(known.history);
  if (!url.fetched_before) co_return;
  visit.last = std::move(known.result);
  if (visit.last && has_answer(*visit.last)) visit.earlier = visit.last;
}

// Whoever lists a POST in a file wants it sent once.
std::optional<PageHistory> Shard::history_after(const Visit& visit, const Outcome& outcome) const {
  if (visit.retry_in) return std::nullopt;
  // A page that may not be fetched today is asked for another time, as after any failure.
  const bool passes =
      visit.history && visit.history->page && outcome.error && may_pass(*outcome.error);
  if (outcome.state == UrlState::excluded && !passes)
    return history_of_excluded(visit, context_.clock.wall());
  if (!recrawl_.on() && !visit.history) return std::nullopt;
  const Wall now = context_.clock.wall();
  const auto before = visit.history ? visit.history->page : std::nullopt;
  Check check{.at = now, .found = found_by(visit, outcome)};
  if (visit.response) check.fresh_for = freshness_of(visit.response->headers, now);
  check.modified = modified_at(visit, outcome, now);
  if (visit.history) check.changes_every = changefreq_interval(visit.history->changefreq);
  PageHistory page = recrawl_.after(before, check);
  const auto method = visit.leased.url.method();
  if (method != "GET" && method != "HEAD") page.next_due.reset();
  return page;
}

}  // namespace trawl::crawl
