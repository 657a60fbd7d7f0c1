// Rounds: which known URLs are queued again.
#include "core/base/note.hpp"
#include "core/crawl/hosts/retry.hpp"
#include "core/crawl/pages/refetch.hpp"
#include "tests/support/memory_store.hpp"

#include <algorithm>
#include <utility>

namespace trawl::test {

using crawl::UrlId;
using crawl::UrlState;

bool MemoryStore::was_refused(const crawl::Outcome& outcome) {
  return outcome.state == UrlState::excluded && outcome.error &&
         crawl::is_refusal(*outcome.error) && !outcome.fetched_at;
}

bool MemoryStore::is_left_out(const crawl::Outcome& outcome) {
  return outcome.state == UrlState::excluded && outcome.error &&
         crawl::is_refusal(*outcome.error) && !was_refused(outcome);
}

bool MemoryStore::requeue(crawl::Again which, std::size_t max_urls) {
  if (state_.again == crawl::Again::nothing) state_.again = which;
  if (which == crawl::Again::all && std::exchange(state_.again, which) != which)
    state_.requeued = {};
  const bool all = state_.again == crawl::Again::all;
  const bool failed = all || state_.again == crawl::Again::failed;
  const auto may_be_another_now = [=, this](const Row& known) {
    const crawl::Outcome& was = known.outcome;
    if (known.url.request && !crawl::is_idempotent(known.url.request->method)) return false;
    if (state_.again == crawl::Again::cut)
      return was.truncated ? was.note.contains("max_body")
                           : was.error_detail.contains(crawl::over_max_body);
    const int status = was.error == Errc::unavailable ? 503 : was.status.value_or(0);
    return failed && crawl::retry_class(status) == crawl::RetryClass::transient;
  };
  const auto wanted = [=, this](const Row& known) {
    const crawl::Outcome& outcome = known.outcome;
    if (outcome.state == UrlState::failed) return failed;
    if (outcome.state == UrlState::fetched) return all || may_be_another_now(known);
    if (outcome.state != UrlState::excluded || !outcome.error) return false;
    if (state_.again == crawl::Again::left_out)
      return crawl::is_refusal(*outcome.error) && !was_refused(outcome);
    return (all || state_.again == crawl::Again::passing) && crawl::may_pass(*outcome.error);
  };
  auto row = state_.rows.upper_bound(state_.requeued);
  for (; row != state_.rows.end() && max_urls > 0; ++row, --max_urls) {
    state_.requeued = row->first;
    crawl::Outcome& outcome = row->second.outcome;
    if (!wanted(row->second)) continue;
    outcome.state = UrlState::queued;
    outcome.attempts = 0;
    row->second.due_ms = 0;
  }
  const bool more = row != state_.rows.end();
  if (!more) state_.requeued = {}, state_.again = crawl::Again::nothing;
  state_.meta[crawl::requeue_cursor_key] = more ? "under way" : "";
  return more;
}

std::vector<crawl::QueuedUrl> MemoryStore::requeue_left_out(UrlId after, std::size_t max_urls) {
  std::vector<crawl::QueuedUrl> urls;
  for (auto row = state_.rows.upper_bound(after);
       row != state_.rows.end() && urls.size() < max_urls; ++row) {
    crawl::Outcome& outcome = row->second.outcome;
    const crawl::NewUrl& url = row->second.url;
    if (outcome.state != UrlState::excluded || !outcome.error ||
        !crawl::is_refusal(*outcome.error) || was_refused(outcome) || url.request)
      continue;
    outcome.state = UrlState::queued;
    outcome.attempts = 0;
    row->second.due_ms = 0;
    urls.push_back({.id = row->first,
                    .url = url.url,
                    .depth = url.depth,
                    .redirect_chain = url.redirect_chain,
                    .sitemap = url.sitemap,
                    .fetched_before = true});
  }
  return urls;
}

crawl::MadeSeeds MemoryStore::make_seeds(const crawl::SeedRoles& roles,
                                         const std::map<std::string, std::string>& meta) {
  crawl::MadeSeeds made;
  std::map<UrlId, int> depths;  // before
  std::map<UrlId, bool> named;  // of those that are made
  std::map<UrlId, bool> led;    // redirects have not been followed as a seed's
  for (auto& [id, row] : state_.rows) {
    crawl::NewUrl& url = row.url;
    const auto role = roles.find(web::fingerprint(url.url));
    depths[id] = url.depth;
    led[id] = url.depth > 0 || url.sitemap == 0;
    if (url.sitemap.value_or(0) > 0 || url.request || role == roles.end()) continue;
    const bool is_named = role->second.redirect_chain.empty();
    if (is_named && url.depth == 0 && !url.sitemap && url.redirect_chain.empty()) continue;
    named[id] = is_named;
    made.admit |= led[id] || row.outcome.state == UrlState::excluded;
    url.depth = 0;
    url.via = role->second.via;
    url.redirect_chain = role->second.redirect_chain;
    url.sitemap.reset();
    url.sitemap_lastmod.clear();
    url.changefreq.clear();
  }
  std::set<UrlId> led_on;  // as links
  for (auto& [id, row] : state_.rows)
    if (named.contains(id) && led.at(id) && !row.outcome.redirect_to.empty() &&
        (row.outcome.state != UrlState::excluded || is_left_out(row.outcome))) {
      led_on.insert(id);
      row.outcome.redirect_to.clear();
    }
  bring_nearer(named);
  made.made = named.size();
  if (made.admit)
    for (const auto& [key, value] : meta) state_.meta[key] = value;
  const bool refused_depth = std::ranges::any_of(state_.rows, [](const auto& entry) {
    const crawl::Outcome& outcome = entry.second.outcome;
    return outcome.state == UrlState::excluded && outcome.error == Errc::depth;
  });
  for (auto& [id, row] : state_.rows) {
    crawl::Outcome& outcome = row.outcome;
    const bool is_made = named.contains(id), farther = depths.at(id) > 0;
    const bool done = outcome.state == UrlState::fetched || outcome.state == UrlState::failed;
    const bool redirects = led_on.contains(id) || (led.at(id) && !outcome.redirect_to.empty());
    const bool in_vain =
        outcome.error == Errc::too_many_redirects || outcome.error == Errc::redirect_loop;
    const bool counts = refused_depth && farther;
    const bool whole = done && !row.url.request &&
                       (is_made ? redirects || in_vain || counts || (farther && named[id])
                                : farther && row.url.depth == 0 && (redirects || counts));
    const bool left_out = is_made && !named[id] && is_left_out(outcome);
    if (!whole && !left_out) continue;
    if (whole) outcome.etag.clear(), outcome.last_modified.clear();
    outcome.state = UrlState::queued;
    outcome.attempts = 0;
    row.due_ms = 0;
    made.queued.push_back({.id = id,
                           .url = row.url.url,
                           .redirect_chain = row.url.redirect_chain,
                           .fetched_before = true});
  }
  return made;
}

void MemoryStore::bring_nearer(const std::map<UrlId, bool>& seeds) {
  for (bool changed = true; std::exchange(changed, false);) {
    for (auto& [id, row] : state_.rows) {
      if (!row.url.via || seeds.contains(id)) continue;
      const auto& via = state_.rows.at(*row.url.via);
      const bool is_hop = !row.url.redirect_chain.empty();
      if (is_hop && via.outcome.redirect_to != row.url.url) continue;
      const int depth = via.url.depth + (is_hop ? 0 : 1);
      if (depth < row.url.depth) row.url.depth = depth, changed = true;
    }
  }
}

std::vector<crawl::RefusedUrl> MemoryStore::refusals(UrlId after, std::size_t max_urls) {
  std::vector<crawl::RefusedUrl> urls;
  for (auto row = state_.rows.upper_bound(after);
       row != state_.rows.end() && urls.size() < max_urls; ++row) {
    if (!was_refused(row->second.outcome)) continue;
    crawl::NewUrl url = row->second.url;
    url.excluded.reset();
    url.excluded_detail.clear();
    url.replaces = row->first;
    urls.push_back({url, url.via ? state_.rows.at(*url.via).url.url : ""});
  }
  return urls;
}

std::optional<UrlId> MemoryStore::requeue_outlinks(
    UrlId after, std::size_t max_urls, const std::function<bool(std::string_view)>& is_outlink) {
  std::optional<UrlId> last;
  for (auto row = state_.rows.upper_bound(after); row != state_.rows.end() && max_urls > 0; ++row) {
    crawl::Outcome& outcome = row->second.outcome;
    if (!has_note(outcome.note, crawl::outlink_note)) continue;
    last = row->first;
    --max_urls;
    const bool done = outcome.state == UrlState::fetched || outcome.state == UrlState::failed;
    if (is_outlink(row->second.url.url) || !done) continue;
    outcome.state = UrlState::queued;
    outcome.attempts = 0;
    outcome.etag.clear();
    outcome.last_modified.clear();
    row->second.due_ms = 0;
  }
  return last;
}

bool MemoryStore::schedule_recrawl(crawl::RecrawlInterval interval, std::size_t) {
  for (auto& [id, row] : state_.rows) {
    const bool ended =
        row.outcome.state == UrlState::fetched || row.outcome.state == UrlState::failed;
    const bool repeatable = !row.url.request || crawl::is_idempotent(row.url.request->method);
    if (!ended || !repeatable) continue;
    auto page = history(id).page;
    if (!page || (page->gone_since && page->next_due)) continue;
    page->interval = std::clamp(page->interval, interval.min, interval.max);
    page->next_due = page->next_due && page->interval == row.history->interval
                         ? page->next_due
                         : page->last_checked + page->interval;
    row.history = page;
  }
  return false;
}

std::optional<UrlId> MemoryStore::bring_forward(const crawl::SitemapNews& news, UrlId, Millis least,
                                                Wall now, std::size_t) {
  for (auto& [id, row] : state_.rows) {
    if (row.url.host != news.host || !row.history || !row.history->next_due) continue;
    const Wall next = std::max(row.history->last_checked + least, now);
    for (const auto& [fingerprint, lastmod] : news.lastmod)
      if (fingerprint == web::fingerprint(row.url.url) && next < *row.history->next_due &&
          Wall{Millis{lastmod}} > row.history->last_checked)
        row.history->next_due = next;
  }
  return std::nullopt;
}

bool MemoryStore::queue_due(Wall now, std::size_t max_urls) {
  for (auto& [id, row] : state_.rows) {
    if (!row.history || !row.history->next_due || *row.history->next_due > now) continue;
    if (max_urls-- == 0) return true;
    row.history->next_due.reset();
    const auto& error = row.outcome.error;
    if (row.outcome.state == UrlState::excluded && !(error && crawl::may_pass(*error))) continue;
    row.outcome.state = UrlState::queued;
    row.outcome.attempts = 0;
    row.due_ms = 0;
  }
  return false;
}

}  // namespace trawl::test
