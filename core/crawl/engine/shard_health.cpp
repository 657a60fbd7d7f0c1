// The end of a fetch as the host feels it: how long it is left alone, whether its breaker opens,
// and what of that is remembered over a restart. A host is released as soon as its fetch has ended.
#include "core/base/log.hpp"
#include "core/base/units.hpp"
#include "core/crawl/engine/shard.hpp"
#include "core/crawl/state/retry_after.hpp"
#include "core/web/digest.hpp"
#include "core/web/url/host.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace trawl::crawl {
namespace {

constexpr std::uint64_t sitemap_bytes_waiting_max = 16 * 1024 * 1024;  // as they came
constexpr Millis sitemap_wait{1'000};
constexpr Millis host_place_wait{200};

// An error of robots.txt that was known already says nothing new.
bool was_asked(const Visit& visit) {
  if (visit.told_by_other) return visit.own_error || visit.own_report || visit.robots.fetched;
  return visit.response || visit.robots.fetched || !visit.robots.error;
}

// Through a proxy the address is the proxy's, and what a mirror answers says nothing of this
// host's.
bool tells_address(const Visit& visit) {
  return visit.response && visit.settings->fetch.network.proxy == "off" &&
         !visit.leased.url.has_mirrors();
}

}  // namespace

void Shard::restore_health(const HostState& host) {
  if (!host.health) return;
  const auto at = now();
  auto& health = hosts_[host.id].health;
  HealthRecord record = *host.health;
  // Who asks for what failed to be fetched again asks whether the host is there now.
  if (context_.probes_at_once && record.open_until_ms != 0) record.open_until_ms = 1;
  health = std::make_unique<HostHealth>(record, context_.sites.of(host.key).fetch.host_breaker, at);
  hosts_[host.id].health_changed = health->record(at) != *host.health;
  obey_breaker(host.id, HostHealth{}, *health);
  tell(host.id, HostHealth{}, *health);
}

RememberedHost Shard::remembered(std::int64_t host, std::string_view key) const {
  const auto facts = hosts_.find(host);
  if (facts == hosts_.end()) return {};
  RememberedHost known{.address = facts->second.address};
  if (const auto& health = facts->second.health)
    known.asked = health->rest_after(sites().of(key).politeness, {}).asked;
  return known;
}

void Shard::note_address(std::int64_t host, std::string_view ip) {
  hosts_[host].address = address_bucket(ip);
  frontier_.set_address(host, ip, context_.clock.now());
}

void Shard::tell(std::int64_t host, const HostHealth& before, const HostHealth& after) const {
  if (!context_.on_host_event) return;
  auto event = host_event(before, after, now());
  if (!event) return;
  event->host = frontier_.host_key(host);
  context_.on_host_event(*event);
}

// The host's URLs end with what its last fetch ended with.
void Shard::give_up(Visit& visit) {
  const auto& health = hosts_[visit.leased.host].health;
  const HealthRecord record = health ? health->record(now()) : HealthRecord{};
  visit.error = Error{
      record.error.value_or(Errc::connect_refused),
      fmt::format("not asked: fetch.host_breaker gave the host up {}", breaker_words(record))};
  visit.given_up = true;
  visit.attempts = visit.leased.url.attempts;
}

// What holds at the end of a fetch: it may have changed since the visit began.
const PolitenessSpec& Shard::politeness_now(const Visit& visit) const {
  return sites().of(web::host_key(visit.url)).politeness;
}

// As after a page, by all that is known of the host: it may have another origin, with rules of its
// own.
HostRest Shard::rest_after_robots(const Visit& visit) const {
  const auto facts = hosts_.find(visit.leased.host);
  HostHealth health;
  if (facts != hosts_.end() && facts->second.health) health = *facts->second.health;
  if (visit.robots.crawl_delay) health.set_crawl_delay(*visit.robots.crawl_delay);
  const Mono now = context_.clock.now();
  return health.rest_after(
      politeness_now(visit),
      {.response_time = std::chrono::duration_cast<Millis>(now - visit.leased_at),
       .status = visit.robots.status,
       .retry_after = visit.robots.retry_after});
}

// Between robots.txt and the first page a server sees the same wait as between two pages. The rules
// serve the URL's next turn, however many others have theirs first; or else robots.txt would be
// read for ever where it is soon past its time.
bool Shard::yield_turn(Visit& visit) {
  if (!visit.robots.fetched || visit.decided()) return false;
  const HostRest rest = rest_after_robots(visit);
  if (rest.wait == Millis{0}) return false;
  robots_turns_.insert(visit.leased.url.id.seq);
  // Its origin's sitemaps were found on the way, and are to be found again.
  if (!visit.found.empty()) sitemap_origins_.erase(web::fingerprint(visit.url.origin()));
  frontier_.retry(std::move(visit.leased.url), Mono::min());
  release_after_robots(visit, rest);
  context_.control.end_page(false, 0);
  wake_.set();
  return true;
}

// As if it had not been leased: who waits for others is no failure, and there may be thousands.
bool Shard::put_off(Visit& visit) {
  // Those that were fetched and wait to be read hold places that pages need.
  const bool many_sitemaps =
      visit.leased.url.is_sitemap() && sitemap_bytes_waiting_ >= sitemap_bytes_waiting_max;
  if (!visit.robots.crowded && !many_sitemaps) return false;
  const Mono now = context_.clock.now();
  if (!visit.found.empty()) sitemap_origins_.erase(web::fingerprint(visit.url.origin()));
  const Millis wait = many_sitemaps ? sitemap_wait : RobotsGate::crowded_wait;
  frontier_.retry(std::move(visit.leased.url), now + retry_.between(wait, wait * 3 / 2));
  if (visit.robots.fetched)
    release_after_robots(visit, rest_after_robots(visit));
  else
    frontier_.release(visit.leased.host, Mono::min());
  context_.control.end_page(false, 0);
  wake_.set();
  return true;
}

// Nothing was asked of the host, but perhaps for its robots.txt.
void Shard::release_unfetched(Visit& visit) {
  if (!visit.robots.fetched || visit.robots.error)
    frontier_.release(visit.leased.host, Mono::min());
  else
    release_after_robots(visit, rest_after_robots(visit));
}

// The next run keeps the wait as well.
void Shard::release_after_robots(Visit& visit, const HostRest& rest) {
  const std::int64_t host = visit.leased.host;
  const bool direct = visit.settings->fetch.network.proxy == "off";
  if (direct && !visit.robots.ip.empty()) note_address(host, visit.robots.ip);
  frontier_.release(host, context_.clock.now() + rest.wait, rest.wait, rest.asked);
  visit.tells_host = true;
}

// For the commit of the visit, right before it: as the host is by now. Reading a page may take
// minutes, in which later answers of the host have been committed; what was known at the end of
// this visit's own fetch would put their wait and its health back.
std::optional<HostState> Shard::host_to_keep(Visit& visit) {
  const std::int64_t id = visit.leased.host;
  HostFacts& host = hosts_[id];
  if (std::exchange(visit.is_page, false)) --host.pages_unkept;
  if (!std::exchange(visit.tells_host, false)) return std::nullopt;
  const auto at = now();
  HostState state{.id = id, .pages_fetched = host.pages - host.pages_unkept};
  if (const Mono next = frontier_.next_allowed(id); next != Mono::min())
    state.next_fetch_ms =
        (at.wall + std::chrono::ceil<Millis>(next - at.mono)).time_since_epoch().count();
  if (std::exchange(host.health_changed, false))
    state.health = host.health ? host.health->record(at) : HealthRecord{};
  return state;
}

// Of a visit that ends with nothing else to keep.
coro::Task<> Shard::keep_wait(Visit& visit) {
  if (!visit.tells_host) co_return;
  Commit commit;
  commit.host = host_to_keep(visit);
  auto committing = context_.committer.commit(std::move(commit));
  co_await std::move(committing);
}

// Those begun may all come to something, so that there would be more pages than allowed, or some
// to nothing: who finds all places taken waits for their ends, and its host with it.
bool Shard::take_host_place(Visit& visit) {
  const auto& pages_max = visit.settings->limits.pages_per_host;
  const bool is_asked = visit.leased.access == HostAccess::turn;
  if (!pages_max || visit.leased.url.fetched_before || !is_asked) return true;
  HostFacts& host = hosts_[visit.leased.host];
  if (is_full(host, *pages_max)) return true;  // ask_robots() refuses it
  if (!host.places) host.places = std::make_shared<char>();
  const auto begun = static_cast<std::uint64_t>(host.places.use_count() - 1);
  if (static_cast<std::uint64_t>(host.pages) + begun < *pages_max) {
    visit.host_place = host.places;
    return true;
  }
  frontier_.retry(std::move(visit.leased.url), Mono::min());
  frontier_.release(visit.leased.host, context_.clock.now() + host_place_wait);
  context_.control.end_page(false, 0);
  return false;
}

// By break_off(), or by the stop while it waited for a turn; of a POST that was sent it isn't known
// what came of it.
bool Shard::was_broken_off(const Visit& visit) const {
  const bool ends = session_.is_broken_off() || turns_.closed();
  return ends && visit.error && visit.error->code == Errc::cancelled;
}

// As if it had not been leased, unless it has outgrown a limit; but what came of its body is the
// next run's, and so is the wait after what was asked of the host.
coro::Task<> Shard::leave(Visit& visit) {
  const UrlId id = visit.leased.url.id;
  HostRest rest{.wait = politeness_now(visit).delay};
  Commit commit;
  if (visit.own_error && visit.own_error->code == Errc::cancelled) visit.own_error.reset();
  const bool asked = visit.leased.access == HostAccess::turn;
  if (asked && was_asked(visit)) {
    const HostRest noted = note_fetch(visit, hosts_[id.host]);
    rest = {std::max(rest.wait, noted.wait), noted.asked};
  }
  commit.update = charge(visit);
  if (visit.part || (commit.update && visit.part_stored)) commit.part = PartUpdate{id, visit.part};
  const bool ends = commit.update && commit.update->outcome.state != UrlState::queued;
  if (!ends) frontier_.retry(std::move(visit.leased.url), Mono::min());
  if (asked)
    frontier_.release(id.host, context_.clock.now() + rest.wait, rest.wait, rest.asked);
  else
    frontier_.release(id.host, Mono::min());
  context_.control.end_page(false, 0);
  commit.host = host_to_keep(visit);
  if (!commit.part && !commit.host && !commit.update) co_return;
  auto committing = context_.committer.commit(std::move(commit));
  co_await std::move(committing);
}

FetchReport Shard::fetch_report(const Visit& visit) const {
  if (visit.told_by_other && visit.own_report) {
    auto own = *visit.own_report;
    const auto since = context_.clock.now() - visit.own_reported_at;
    if (own.retry_after)
      own.retry_after =
          std::max(*own.retry_after - std::chrono::duration_cast<Millis>(since), Millis{0});
    return own;
  }
  // A host that does not answer is left alone the longer, the longer it took not to.
  const bool answered = visit.response && !visit.told_by_other;
  auto report =
      report_of(answered ? &*visit.response : nullptr,
                std::chrono::duration_cast<Millis>(context_.clock.now() - visit.leased_at),
                context_.clock.wall());
  if (answered) return report;
  report.status = visit.robots.status;
  report.retry_after = visit.robots.retry_after;
  return report;
}

void Shard::release(Visit& visit) {
  HostFacts& host = hosts_[visit.leased.host];
  const bool fetched = visit.response && !visit.retry_in && !visit.response->broken;
  if (fetched && !visit.leased.url.fetched_before) {
    ++host.pages;
    ++host.pages_unkept;
    visit.is_page = true;
  }
  visit.host_place.reset();
  wake_.set();
  if (visit.excluded || visit.given_up) {
    release_unfetched(visit);
    context_.control.end_page(false, 0);
    return;
  }
  if (tells_address(visit)) note_address(visit.leased.host, visit.response->ip);
  if (visit.leased.access == HostAccess::turn) {
    const auto [wait, asked] = note_fetch(visit, host);
    frontier_.release(visit.leased.host, context_.clock.now() + wait, wait, asked);
  } else {
    frontier_.release(visit.leased.host, Mono::min());
  }
  const std::uint64_t bytes = visit.response ? visit.response->bytes_wire : 0;
  context_.control.end_page(fetched, bytes - std::min(bytes, visit.bytes_counted));
}

// What the fetch says of its host's health; returns the wait.
HostRest Shard::note_fetch(Visit& visit, HostFacts& host) {
  const PolitenessSpec& politeness = politeness_now(visit);
  const auto at = now();
  visit.tells_host = true;
  const HostHealth before = host.health ? *host.health : HostHealth{};
  if (!was_asked(visit)) return before.rest_after(politeness, {});
  HostHealth health = before;
  if (visit.robots.crawl_delay) health.set_crawl_delay(*visit.robots.crawl_delay);
  const FetchReport report = fetch_report(visit);
  health.on_fetch(politeness, visit.settings->fetch.host_breaker, report,
                  visit.told_by_other ? visit.own_error : visit.error, visit.leased_at, at.mono);
  const HostRest rest = health.rest_after(politeness, report);
  const HealthRecord record = health.record(at);
  if (record != before.record(at)) host.health_changed = true;
  obey_breaker(visit.leased.host, before, health);
  tell(visit.leased.host, before, health);
  host.health =
      record == HealthRecord{} ? nullptr : std::make_unique<HostHealth>(std::move(health));
  return rest;
}

void Shard::obey_breaker(std::int64_t host, const HostHealth& before, const HostHealth& after) {
  if (after.is_backing_off() != before.is_backing_off()) {
    if (after.is_backing_off())
      backing_off_.insert(host);
    else
      backing_off_.erase(host);
    gauges_.hosts_backing_off = backing_off_.size();
  }
  const HostBreaker& breaker = after.breaker();
  if (breaker.open_until() == before.breaker().open_until()) return;
  const auto at = now();
  if (!breaker.tripped()) {
    frontier_.unblock(host);
    log("crawl")->info("{} answers again", printable(frontier_.host_key(host)));
    return;
  }
  const bool given_up = breaker.given_up(at.mono);
  const auto time =
      std::chrono::ceil<std::chrono::seconds>(std::max(breaker.open_until(), at.mono) - at.mono);
  given_up ? frontier_.drain(host, breaker.open_until())
           : frontier_.block(host, breaker.open_until());
  if (time.count() == 0) return;  // a probe is due
  log("crawl")->info("{}: {} for {} {}", printable(frontier_.host_key(host)),
                     given_up ? "given up" : "left alone", human_duration(time),
                     printable(breaker_words(after.record(at))));
}

}  // namespace trawl::crawl
