// A batch is checked before anything is changed, which makes it atomic without copying the state.
#include "tests/support/memory_store.hpp"

#include "core/base/result.hpp"
#include "core/web/digest.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace trawl::test {
namespace {

using crawl::UrlId;
using crawl::UrlState;

template <class T, class Key>
void upsert(std::vector<T>& items, const T& item, Key key) {
  const auto found = std::ranges::find(items, std::invoke(key, item), key);
  found == items.end() ? items.push_back(item) : void(*found = item);
}

}  // namespace

UrlId MemoryStore::admit(State& state, const crawl::NewUrl& url) {
  const auto next_host = static_cast<std::int64_t>(state.hosts.size()) + 1;
  const auto [host, added] = state.host_ids.try_emplace(url.host, next_host);
  if (added) state.hosts.push_back({.id = next_host, .key = url.host});
  const UrlId id{host->second, crawl::sequence_number(url.priority, state.next_seq++)};
  if (url.replaces) state.rows.erase(*url.replaces);
  Row row{.url = url};
  if (url.excluded) {
    row.outcome.state = UrlState::excluded;
    row.outcome.error = url.excluded;
    row.outcome.error_detail = url.excluded_detail;
  }
  state.rows.emplace(id, std::move(row));
  return id;
}

void MemoryStore::update(State& state, const crawl::UrlUpdate& update) {
  Row& row = state.rows.at(update.id);
  row.due_ms = update.due_ms;
  if (update.request_sent && row.url.request) {
    auto changed = *row.url.request;
    changed.sent = *update.request_sent;
    row.url.request = std::make_shared<const crawl::RequestSpec>(std::move(changed));
  }
  if (update.outcome.state != UrlState::queued) {
    if (update.history) row.history = update.history;
    row.outcome = update.outcome;
    state.bytes_wire += update.outcome.bytes_wire;
    return;
  }
  row.outcome.state = UrlState::queued;
  row.outcome.attempts = update.outcome.attempts;
  row.outcome.error = update.outcome.error;
  row.outcome.error_detail = update.outcome.error_detail;
  if (update.outcome.revisit == crawl::Revisit::none) return;
  row.outcome.revisit = update.outcome.revisit;
  row.outcome.filename = update.outcome.filename;
}

void MemoryStore::change(State& state, const web::CookieChange& change) {
  const web::Cookie& cookie = change.cookie;
  std::erase_if(state.cookies, [&](const web::Cookie& other) {
    return std::tie(cookie.name, cookie.domain, cookie.path, cookie.host_only) ==
           std::tie(other.name, other.domain, other.path, other.host_only);
  });
  if (!change.removed) state.cookies.push_back(cookie);
  std::ranges::sort(state.cookies, {}, &web::Cookie::order);
}

std::vector<web::HstsHost> MemoryStore::hsts() {
  std::vector<web::HstsHost> hosts;
  for (const auto& [name, host] : state_.hsts) hosts.push_back(host);
  return hosts;
}

std::optional<crawl::Outcome> MemoryStore::result(UrlId id) {
  const auto row = state_.rows.find(id);
  if (row == state_.rows.end() || !row->second.outcome.status) return std::nullopt;
  return row->second.outcome;
}

crawl::KnownHistory MemoryStore::history(UrlId id) {
  const Row& row = state_.rows.at(id);
  crawl::KnownHistory known{row.history, row.url.sitemap_lastmod, row.url.changefreq};
  const auto& at = row.outcome.fetched_at;
  if (!known.page && at)
    known.page = crawl::PageHistory{
        .first_seen = *at, .last_changed = *at, .last_checked = *at, .fetches = 1};
  return known;
}

bool MemoryStore::is_excluded(UrlId id) const {
  const auto row = state_.rows.find(id);
  return row != state_.rows.end() && row->second.outcome.state == UrlState::excluded;
}

bool MemoryStore::is_fetched(UrlId id) const {
  const auto row = state_.rows.find(id);
  return row != state_.rows.end() && row->second.outcome.state == UrlState::fetched;
}

std::optional<crawl::QueuedUrl> MemoryStore::redirecting(UrlId from, std::uint64_t fingerprint) {
  std::optional<UrlId> at = state_.rows.at(from).url.via;
  while (at) {
    const Row& row = state_.rows.at(*at);
    if (crawl::request_fingerprint(row.url.url, row.url.request.get()) != fingerprint) {
      at = row.url.via;
      continue;
    }
    if (!is_fetched(*at)) return std::nullopt;
    return crawl::QueuedUrl{.id = *at,
                            .url = row.url.url,
                            .depth = row.url.depth,
                            .attempts = row.outcome.attempts,
                            .sitemap = row.url.sitemap,
                            .fetched_before = true,
                            .request = row.url.request};
  }
  return std::nullopt;
}

std::vector<UrlId> MemoryStore::apply(const crawl::StoreBatch& batch) {
  if (failures_left_ > 0) {
    --failures_left_;
    throw Failure(next_failure_);
  }
  for (const crawl::UrlUpdate& u : batch.updates)
    if (!state_.rows.contains(u.id)) throw Failure(Errc::internal, "the store has no such URL");
  for (const crawl::NewUrl& url : batch.admitted)
    if (url.replaces && !is_excluded(*url.replaces))
      throw Failure(Errc::internal, "the store has no such excluded URL");
  for (const crawl::HostState& host : batch.hosts)
    if (host.id < 1 || std::cmp_greater(host.id, state_.hosts.size()))
      throw Failure(Errc::internal, "the store has no such host");

  std::vector<UrlId> ids;
  for (const crawl::NewUrl& url : batch.admitted) ids.push_back(admit(state_, url));
  for (const crawl::UrlUpdate& u : batch.updates) update(state_, u);
  for (const crawl::HostState& host : batch.hosts) {
    crawl::HostState& kept = state_.hosts[static_cast<std::size_t>(host.id - 1)];
    kept.next_fetch_ms = host.next_fetch_ms;
    kept.pages_fetched = host.pages_fetched;
    if (!host.health) continue;
    kept.health = host.health;
    if (*host.health == crawl::HealthRecord{}) kept.health.reset();
  }
  for (const auto& robots : batch.robots)
    upsert(state_.robots, robots, &crawl::RobotsState::origin);
  for (const auto& [id, part] : batch.parts) {
    if (part)
      state_.parts.insert_or_assign(id, *part);
    else
      state_.parts.erase(id);
  }
  for (const auto& mark : batch.marks) upsert(state_.marks, mark, &crawl::ArchiveMark::file);
  for (const auto& cookie : batch.cookies) change(state_, cookie);
  for (const auto& [entry, removed] : batch.hsts) {
    if (removed)
      state_.hsts.erase(entry.host);
    else
      state_.hsts.insert_or_assign(entry.host, entry);
  }
  for (const auto& pattern : batch.patterns)
    state_.patterns[{pattern.host, pattern.shape}] = pattern;
  for (const auto& [key, value] : batch.meta) state_.meta[key] = value;
  if (batch.run) state_.runs.insert_or_assign(batch.run->began_ms, *batch.run);
  ++commits_;
  return ids;
}

std::vector<crawl::QueuedUrl> MemoryStore::queued(std::int64_t host, std::int64_t after_seq,
                                                  std::size_t max_urls) {
  std::vector<crawl::QueuedUrl> urls;
  const int lane = crawl::lane_behind(after_seq);
  for (auto row = state_.rows.upper_bound({host, after_seq});
       row != state_.rows.end() && row->first.host == host && urls.size() < max_urls &&
       crawl::lane_of(row->first.seq) == lane;
       ++row) {
    const auto& [id, value] = *row;
    if (value.outcome.state == UrlState::queued)
      urls.push_back({.id = id,
                      .url = value.url.url,
                      .depth = value.url.depth,
                      .attempts = value.outcome.attempts,
                      .due_ms = value.due_ms,
                      .redirect_chain = value.url.redirect_chain,
                      .sitemap = value.url.sitemap,
                      .fetched_before = value.outcome.status.has_value() ||
                                        (value.history && value.history->fetches > 0),
                      .request = value.url.request});
  }
  return urls;
}

std::vector<crawl::PartUpdate> MemoryStore::parts() {
  std::vector<crawl::PartUpdate> parts;
  for (const auto& [id, part] : state_.parts) parts.push_back({id, part});
  return parts;
}

std::optional<crawl::RobotsState> MemoryStore::robots(const std::string& origin) {
  const auto found = std::ranges::find(state_.robots, origin, &crawl::RobotsState::origin);
  return found == state_.robots.end() ? std::nullopt : std::optional{*found};
}

std::vector<crawl::HostState> MemoryStore::hosts() {
  return state_.hosts;
}

std::vector<std::int64_t> MemoryStore::hosts_with_queue() {
  std::vector<std::int64_t> hosts;
  for (const auto& [id, row] : state_.rows)
    if (row.outcome.state == UrlState::queued && (hosts.empty() || hosts.back() != id.host))
      hosts.push_back(id.host);
  return hosts;
}

crawl::LaneSet MemoryStore::lanes() {
  crawl::LaneSet lanes = 0;
  for (const auto& [id, row] : state_.rows) lanes |= crawl::LaneSet{1} << crawl::lane_of(id.seq);
  return lanes;
}

std::vector<crawl::PatternState> MemoryStore::patterns() {
  std::vector<crawl::PatternState> patterns;
  for (const auto& [key, pattern] : state_.patterns) patterns.push_back(pattern);
  return patterns;
}

std::uint64_t MemoryStore::bytes_of_done() {
  std::uint64_t bytes = 0;
  for (const auto& [id, row] : state_.rows) {
    const UrlState state = row.outcome.state;
    if (state == UrlState::fetched || state == UrlState::failed) bytes += row.outcome.bytes_wire;
  }
  return bytes;
}

crawl::StoreTotals MemoryStore::totals() {
  crawl::StoreTotals totals{.bytes_wire = state_.bytes_wire};
  for (const auto& [id, row] : state_.rows) {
    switch (row.outcome.state) {
      case UrlState::queued:
        ++totals.queued;
        break;
      case UrlState::fetched:
        ++totals.fetched;
        break;
      case UrlState::failed:
        ++totals.failed;
        break;
      case UrlState::excluded:
        ++totals.excluded;
        break;
    }
  }
  return totals;
}

std::optional<std::string> MemoryStore::meta(const std::string& key) {
  const auto found = state_.meta.find(key);
  return found == state_.meta.end() ? std::nullopt : std::optional{found->second};
}

void MemoryStore::each_seed(const std::function<void(const crawl::KnownSeed&)>& visit) {
  for (const auto& [id, row] : state_.rows)
    if (row.url.depth == 0 && row.url.sitemap != 0)
      visit({.id = id,
             .url = row.url.url,
             .sitemap = row.url.sitemap,
             .redirect_to = row.outcome.redirect_to,
             .redirect_chain = row.url.redirect_chain,
             .is_page = row.outcome.state != UrlState::failed && row.outcome.redirect_to.empty() &&
                        row.outcome.revisit != crawl::Revisit::kept &&
                        (row.outcome.status.value_or(0) / 100 == 2 || row.outcome.status == 304),
             .left_out = is_left_out(row.outcome),
             .queued = row.outcome.state == UrlState::queued});
}

void MemoryStore::each_url(const std::function<void(const crawl::KnownUrl&)>& visit) {
  for (const auto& [id, row] : state_.rows)
    visit({row.url.url, id, was_refused(row.outcome),
           row.url.request ? crawl::identity_of(*row.url.request) : 0});
}

std::optional<crawl::Record> MemoryStore::record(std::string_view url) const {
  for (const auto& [id, row] : state_.rows) {
    if (row.url.url != url) continue;
    const auto via = row.url.via ? state_.rows.find(*row.url.via) : state_.rows.end();
    return crawl::Record{.url = row.url.url,
                         .method = row.url.request ? row.url.request->method : "GET",
                         .depth = row.url.depth,
                         .via = via == state_.rows.end() ? std::string{} : via->second.url.url,
                         .sitemap_lastmod = row.url.sitemap_lastmod,
                         .outcome = row.outcome,
                         .id = id};
  }
  return std::nullopt;
}

}  // namespace trawl::test
