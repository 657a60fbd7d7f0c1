// Fetches take no time of their own here and end before the next begins, so the virtual clock moves
// by what politeness asks for; tests/sim/simulation.cpp is for the rest.
#include "tests/sim/recrawl_simulation.hpp"

#include "core/web/digest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace trawl::sim {
namespace {

using crawl::Check;
using std::chrono::days;
using std::chrono::hours;

constexpr int gone_factor_max = 8;  // docs/recrawl.md: of the longest interval

}  // namespace

RecrawlSimulation::RecrawlSimulation(const RecrawlSimSpec& spec)
    : spec_(spec), random_(spec.seed), recrawl_(spec.interval), end_(now_ + spec.lasts) {
  make_web();
}

void RecrawlSimulation::broken(const std::string& what) const {
  throw Broken(fmt::format("recrawl seed {}, day {:.2f}: {}", spec_.seed,
                           double((now_ - end_ + spec_.lasts).count()) / 86'400'000, what));
}

// Exponentially distributed, as between events that know nothing of each other.
Millis RecrawlSimulation::about(Millis mean) {
  const double share = (double(pick(1'000'000)) + 0.5) / 1'000'000;
  return Millis{1 + static_cast<std::int64_t>(-std::log(share) * double(mean.count()))};
}

void RecrawlSimulation::make_web() {
  static constexpr Millis rates[] = {hours{3}, hours{20}, days{2},  days{6},
                                     days{25}, days{120}, Millis{0}};
  crawl::StoreBatch batch;
  std::vector<Page> pages;
  for (std::uint32_t i = 0; i < spec_.pages; ++i) {
    const std::string host = fmt::format("h{}.test", pick(spec_.hosts));
    Page page{.url = fmt::format("http://{}/{}", host, i)};
    page.changes_every = rates[pick(std::size(rates))];
    page.changed_at = now_ - about(days{30});
    if (page.changes_every > Millis{0}) page.changes_next = now_ + about(page.changes_every);
    if (pick(8) == 0) page.fresh_for = about(days{1});
    page.in_sitemap = pick(3) == 0;
    if (pick(6) == 0) page.vanishes = now_ + about(spec_.lasts / 3);
    if (pick(2) == 0 && page.vanishes != Wall::max())
      page.returns = page.vanishes + about(spec_.lasts / 3);
    batch.admitted.push_back(
        {.url = page.url, .host = host, .priority = static_cast<int>(pick(3)) - 1});
    pages.push_back(std::move(page));
  }
  const auto ids = store_.apply(batch);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    hosts_[ids[i].host].key = batch.admitted[i].host;
    pages[i].id = ids[i];
    pages_.emplace(ids[i], std::move(pages[i]));
  }
}

RecrawlSimReport RecrawlSimulation::run() {
  while (now_ < end_) {
    begin_run();
    check_pages();
    now_ += about(spec_.run_every);
  }
  sum_up();
  return report_;
}

void RecrawlSimulation::begin_run() {
  ++report_.runs;
  while (store_.schedule_recrawl(spec_.interval, 1'000)) continue;
  if (pick(4) == 0) read_sitemap();
  while (store_.queue_due(now_, 16)) continue;
  crawl::Frontier frontier{1, 8, Millis{0}, 40};
  for (const std::int64_t id : store_.hosts_with_queue()) {
    const Host& host = hosts_.at(id);
    frontier.add({.id = id, .key = host.key}, Mono{} + host.free_at.time_since_epoch());
    frontier.mark_spilled(id, store_.lanes());
  }
  crawl_to_end(frontier);
  if (store_.totals().queued > 0) broken("a run ended with URLs in the queue");
}

void RecrawlSimulation::crawl_to_end(crawl::Frontier& frontier) {
  for (;;) {
    const auto acquired = frontier.acquire(now().mono);
    if (const auto* lease = std::get_if<crawl::Lease>(&acquired)) {
      visit(frontier, lease->url);
    } else if (const auto* wake = std::get_if<Mono>(&acquired)) {
      if (frontier.counts().refills == 0 && from(*wake) <= now_) now_ += Millis{1};
      now_ = std::max(now_, from(*wake));
    } else if (frontier.counts().hosts_spilled == 0) {
      return;
    }
    refill(frontier);
  }
}

void RecrawlSimulation::refill(crawl::Frontier& frontier) {
  while (const auto request = frontier.next_refill()) {
    auto urls = store_.queued(request->host, request->after_seq, request->max_urls);
    const bool more = urls.size() == request->max_urls;
    frontier.refilled(request->host, std::move(urls), more, now());
  }
}

void RecrawlSimulation::visit(crawl::Frontier& frontier, const crawl::QueuedUrl& url) {
  Host& host = hosts_.at(url.id.host);
  Page& page = pages_.at(url.id);
  if (now_ < host.free_at) broken(host.key + " was asked before its delay was over");
  if (page.visited && now_ < *page.visited + spec_.interval.min)
    broken(page.url + " was asked again before the shortest interval was over");
  const auto before = store_.history(url.id).page;
  const Check check = look_at(page);
  const crawl::PageHistory after = recrawl_.after(page.visited ? before : std::nullopt, check);
  if (after.next_due < now_ + spec_.interval.min) broken(page.url + " is due too early");
  if (page.fresh_for && check.found != Check::Found::gone &&
      after.next_due < now_ + std::min(*page.fresh_for, spec_.interval.max))
    broken(page.url + " is due while it is fresh");
  const int status = check.found == Check::Found::gone ? 404 : 200;
  store_.apply({.updates = {{.id = url.id,
                             .outcome = {.state = crawl::UrlState::fetched,
                                         .status = status,
                                         .attempts = 1,
                                         .fetched_at = now_},
                             .history = after}}});
  page.visited = now_;
  ++report_.fetches;
  host.free_at = now_ + spec_.delay;
  frontier.release(url.id.host, now().mono + spec_.delay, spec_.delay);
}

void RecrawlSimulation::age(Page& page) {
  while (page.changes_next <= now_) {
    ++page.version;
    ++report_.changes;
    page.changed_at = page.changes_next;
    page.changes_next += about(page.changes_every);
  }
}

Check RecrawlSimulation::look_at(Page& page) {
  age(page);
  Check check{.at = now_, .found = Check::Found::page, .fresh_for = page.fresh_for};
  const bool is_gone = now_ >= page.vanishes && now_ < page.returns;
  if (is_gone && page.visited) {
    check.found = Check::Found::gone;
    check.fresh_for.reset();
    if (!page.was_gone) ++report_.gone;
    page.was_gone = true;
    return check;
  }
  check.modified = page.changed_at;
  if (page.visited && !page.was_gone && page.version == page.seen_version) {
    check.found = Check::Found::unchanged;
    ++report_.unchanged;
  } else if (page.visited) {
    page.was_gone ? ++report_.came_back : ++report_.changes_seen;
  }
  page.was_gone = false;
  page.seen_version = page.version;
  return check;
}

// No page is left alone for longer than its interval allows: until the next run began, and its host
// came to it.
void RecrawlSimulation::check_pages() const {
  for (const auto& [id, page] : pages_) {
    const auto history = store_.record(page.url);
    if (!page.visited || !history) broken(page.url + " was never fetched");
    const Millis longest = spec_.interval.max * (page.was_gone ? gone_factor_max : 1);
    const Millis slack = spec_.run_every * 20 + spec_.delay * spec_.pages;
    if (now_ > *page.visited + longest + slack)
      broken(fmt::format("{} was left alone for {} h", page.url,
                         std::chrono::duration_cast<hours>(now_ - *page.visited).count()));
    const bool gone_for_long = page.vanishes < page.returns && now_ < page.returns &&
                               now_ > page.vanishes + spec_.interval.max + slack &&
                               *page.visited > page.vanishes;
    if (gone_for_long && !page.was_gone) broken(page.url + " is gone, and nobody noticed");
  }
}

// It lists when its pages changed last, as well as it knows.
void RecrawlSimulation::read_sitemap() {
  for (const auto& [host_id, host] : hosts_) {
    crawl::SitemapNews news{.host = host.key, .lastmod = {}};
    for (auto& [id, page] : pages_) {
      if (id.host != host_id || !page.in_sitemap || !page.visited) continue;
      age(page);
      news.lastmod.emplace_back(web::fingerprint(page.url),
                                page.changed_at.time_since_epoch().count());
      const auto before = store_.history(id).page;
      const bool is_news = page.changed_at > before->last_checked && before->next_due &&
                           *before->next_due > std::max(now_, *page.visited + spec_.interval.min);
      report_.brought_forward += is_news ? 1 : 0;
    }
    std::ranges::sort(news.lastmod);
    std::optional<crawl::UrlId> after = crawl::UrlId{};
    while (after) after = store_.bring_forward(news, *after, spec_.interval.min, now_, 10);
    for (auto& [id, page] : pages_) {
      if (id.host != host_id || !page.in_sitemap || !page.visited) continue;
      const auto known = store_.history(id).page;
      if (page.changed_at > known->last_checked && known->next_due &&
          *known->next_due > std::max(now_, *page.visited + spec_.interval.min))
        broken(page.url + " has changed, its sitemap says so, and it is not due");
    }
  }
}

void RecrawlSimulation::sum_up() {
  std::int64_t quick = 0, slow = 0;
  for (const auto& [id, page] : pages_) {
    if (page.was_gone || page.vanishes != Wall::max() || page.fresh_for || page.in_sitemap)
      continue;
    const Millis interval = store_.history(id).page->interval;
    if (page.changes_every == Millis{0}) {
      report_.slow_interval += interval;
      ++slow;
    } else if (page.changes_every <= days{1}) {
      report_.quick_interval += interval;
      ++quick;
    }
  }
  if (slow > 0) report_.slow_interval /= slow;
  if (quick > 0) report_.quick_interval /= quick;
}

}  // namespace trawl::sim
