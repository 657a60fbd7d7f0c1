// What a shard does for seeds.sitemaps: names of sitemaps come from robots.txt, entries from the
// sitemaps themselves. Entries are committed in batches while the sitemap is read; the sitemap's
// own record comes with the last of them, so one that was killed half-way is read again.
#include "core/base/limits.hpp"
#include "core/crawl/engine/shard.hpp"
#include "core/crawl/pages/sitemap_body.hpp"
#include "core/web/digest.hpp"
#include "core/web/url/host.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace trawl::crawl {
namespace {

constexpr std::size_t batch_urls = 1000;

bool lists_urls(std::optional<web::SitemapType> type) {
  return type == web::SitemapType::urlset || type == web::SitemapType::index;
}

std::string describe(const web::SitemapSummary& summary) {
  if (!summary.type) return summary.error;
  return fmt::format(
      "{}; {} read", summary.error,
      summary.entries == 1 ? "one entry was" : fmt::format("{} entries were", summary.entries));
}

}  // namespace

// The seeds' robots.txt: asked once for each origin, by the first of its seeds or by /sitemap.xml,
// which is among them.
coro::Task<> Shard::find_sitemaps(Visit& visit) {
  const QueuedUrl& from = visit.leased.url;
  const bool asks = (from.is_seed() && from.redirect_chain.empty()) || from.sitemap == 1;
  if (context_.job.seeds.sitemaps.mode != SitemapMode::automatic || !asks) co_return;
  if (visit.leased.access != HostAccess::turn) co_return;
  if (!visit.redirect_to.empty()) co_return;      // its target will ask
  if (visit.error && !visit.excluded) co_return;  // there was no robots.txt to be had
  if (visit.excluded && visit.error->code == Errc::scope) co_return;  // it is no seed any more
  const std::uint64_t origin = web::fingerprint(visit.url.origin());
  if (sitemap_origins_.contains(origin)) co_return;
  auto asking = robots_.sitemaps(visit.url, visit.leased_at, visit.has_waited);
  const auto named = co_await std::move(asking);
  visit.robots.fetched |= named.fetched;
  visit.robots.crowded |= named.crowded;
  if (!named.urls || !sitemap_origins_.insert(origin).second) co_return;
  for (const std::string& text : *named.urls) {
    const auto url = web::Url::parse(text, &visit.url);
    auto sitemap = url ? context_.admission.sitemap(*url, 2, std::nullopt) : std::nullopt;
    if (sitemap) visit.found.push_back(std::move(*sitemap));
  }
}

// Nothing for one that had to wait for it until the run was stopped.
coro::Task<std::optional<coro::Permit>> Shard::take_sitemap_turn(const http::SpoolSink& body) {
  if (auto free = sitemap_turn_.try_acquire()) co_return std::move(*free);
  struct Waiting {
    std::uint64_t& all;
    std::uint64_t bytes;
    ~Waiting() { all -= bytes; }
  } const waiting{sitemap_bytes_waiting_, body.bytes()};
  sitemap_bytes_waiting_ += waiting.bytes;
  auto queueing = sitemap_turn_.acquire();
  auto turn = co_await std::move(queueing);
  if (context_.control.reason() == StopReason::interrupted) co_return std::nullopt;
  co_return std::move(turn);
}

// A run that is stopped while it waits for its turn leaves it to the next one, as if never fetched.
coro::Task<bool> Shard::list_sitemap(Visit& visit) {
  const QueuedUrl& from = visit.leased.url;
  const bool announced = from.is_sitemap();
  const bool wanted = announced || (context_.job.seeds.sitemaps.mode != SitemapMode::off &&
                                    may_be_sitemap(visit.response->headers) && !is_outlink(visit));
  if (!wanted || visit.response->status != 200) co_return true;
  const PageSource source = page_source(visit);
  News news;
  coro::Permit turn;
  SitemapBody body{source, !visit.error && !visit.body->truncated()};
  for (;;) {
    auto reading = context_.cpu.run([&body] { return body.next(batch_urls); });
    const auto entries = co_await std::move(reading);
    if (entries.empty()) break;
    if (!announced && !lists_urls(body.type())) co_return true;  // another kind of XML
    // Many at once would fill each commit with their entries, and the pages of all hosts wait for
    // theirs; and a stop would leave them all half read.
    if (!turn) {
      auto taking = take_sitemap_turn(*visit.body);
      auto taken = co_await std::move(taking);
      if (!taken) co_return false;
      turn = std::move(*taken);
    }
    for (const web::SitemapEntry& entry : entries) {
      admit_entry(visit, entry, *body.type());
      if (body.type() != web::SitemapType::index) note_change(visit, entry, news);
    }
    if (visit.found.size() >= batch_urls) co_await commit_found(visit);
  }
  co_await bring_forward(std::move(news));
  const web::SitemapSummary& summary = body.summary();
  if (visit.error || summary.error.empty() || (!announced && !lists_urls(summary.type)))
    co_return true;
  visit.error = Error{Errc::sitemap, describe(summary)};
  co_return true;
}

void Shard::admit_entry(Visit& visit, const web::SitemapEntry& entry, web::SitemapType type) {
  const QueuedUrl& from = visit.leased.url;
  if (type != web::SitemapType::index) {
    if (auto url = context_.admission.listed(entry, from)) visit.found.push_back(std::move(*url));
    return;
  }
  const int role = std::max(from.sitemap.value_or(0), 1) + 1;
  if (role > limits::sitemap_nesting_max + 1) {
    if (!visit.error)
      visit.error = Error{Errc::sitemap, fmt::format("an index inside of {} others is not read",
                                                     limits::sitemap_nesting_max)};
    return;
  }
  // An index may say the same a thousand times, and as often as it likes.
  if (recent_links_.size() > recent_links_max_) recent_links_.clear();
  const auto place = static_cast<std::uint64_t>(role);
  if (!recent_links_.insert(web::fingerprint(entry.loc) + place).second) return;
  const auto url = web::Url::parse(entry.loc);
  auto sitemap = url ? context_.admission.sitemap(*url, role, from.id) : std::nullopt;
  if (!sitemap) return;
  sitemap->sitemap_lastmod = entry.lastmod;
  visit.found.push_back(std::move(*sitemap));
}

// What the last reading of the sitemap could have said already is no news; a day is for sitemaps
// that are made rarely, or of a copy of the site.
void Shard::note_change(const Visit& visit, const web::SitemapEntry& entry, News& news) const {
  constexpr auto grace = std::chrono::days{1};
  if (!recrawl_.on() || !entry.lastmod_time || *entry.lastmod_time > context_.clock.wall()) return;
  if (visit.last && visit.last->fetched_at && *entry.lastmod_time + grace < *visit.last->fetched_at)
    return;
  const auto url = web::Url::parse(entry.loc);
  const auto canonical = url ? context_.admission.canonical(*url) : url;
  if (!canonical) return;
  SitemapNews& said = news[web::host_key(*canonical)];
  said.lastmod.emplace_back(web::fingerprint(canonical->href()),
                            entry.lastmod_time->time_since_epoch().count());
}

coro::Task<> Shard::bring_forward(News news) {
  for (auto& [host, said] : news) {
    said.host = host;
    std::ranges::sort(said.lastmod);
    auto telling = context_.committer.bring_forward(
        std::move(said), recrawl_interval(context_.job.recrawl)->min, context_.clock.wall());
    co_await std::move(telling);
  }
}

coro::Task<> Shard::commit_found(Visit& visit) {
  Commit commit;
  commit.admitted = std::exchange(visit.found, {});
  auto committing = context_.committer.commit(std::move(commit));
  auto published = co_await std::move(committing);
  if (!published.empty()) co_await publish_(std::move(published));
}

}  // namespace trawl::crawl
