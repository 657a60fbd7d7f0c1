// The loops of a shard: leasing, receiving, refilling. The steps of a URL's life are in
// shard_steps.cpp.
#include "core/crawl/engine/shard.hpp"

#include "core/base/limits.hpp"
#include "core/coro/race.hpp"
#include "core/coro/time.hpp"
#include "core/web/coding/decode.hpp"

#include <climits>

#include <algorithm>
#include <cstdint>
#include <random>

namespace trawl::crawl {
namespace {

constexpr std::size_t leases_in_a_row = 64;
constexpr Millis hosts_note_interval{500};
constexpr Millis hosts_note_least{50};  // where the shard may sleep for long

http::SessionOptions session_options(const ShardContext& context, http::AddressGuard guard,
                                     Network network) {
  const JobSpec& job = context.job;
  const auto concurrency = static_cast<std::size_t>(job.fetch.concurrency);
  // Files are kept as a user wants them, decoded; asking for no coding spares doing and undoing it.
  const bool files = job.output.bodies == BodyMode::files;
  return {.user_agent = user_agent(job),
          .headers = std::move(network.headers),
          .accept_encoding = files ? "" : std::string{web::accept_encoding()},
          .concurrency = concurrency,
          .places = &context.transfers,
          .speed = &context.speed,
          .connections_kept = concurrency / context.shards,
          .guard = std::move(guard),
          .dns = context.dns,
          .transport = std::move(network.transport),
          .credentials = std::move(network.credentials)};
}

// Shares of the memory, of each shard.
std::size_t window_urls(const ShardContext& context) {
  return Frontier::urls_within(context.memory.part(8, SIZE_MAX) / context.shards);
}

std::size_t recent_links(const ShardContext& context) {
  constexpr std::size_t bytes_each = 20;
  constexpr std::size_t most = 1 << 20;
  return std::min(context.memory.part(16, SIZE_MAX) / bytes_each / context.shards, most);
}

std::size_t link_room_bytes(const ShardContext& context) {
  return context.memory.part(8, limits::link_room_bytes_max) / context.shards;
}

// The smallest scope.max_depth of the job and its sites.
int smallest_depth_max(const JobSpec& job) {
  int smallest = job.scope.max_depth.value_or(INT_MAX);
  for (const SiteSpec& site : job.sites) {
    JobSpec settings;
    settings.scope.max_depth.reset();
    for (const SiteValue& value : site.values) value.apply(settings);
    smallest = std::min(smallest, settings.scope.max_depth.value_or(INT_MAX));
  }
  return smallest;
}

// Of the job and its sites; a URL that its mirrors had not comes back after another wait.
Millis longest_retry(const JobSpec& job) {
  Millis longest = std::max(RobotsGate::crowded_wait, longest_backoff(job.fetch));
  for (const SiteSpec& site : job.sites) {
    JobSpec settings;
    settings.fetch = job.fetch;
    for (const SiteValue& value : site.values) value.apply(settings);
    longest = std::max(longest, longest_backoff(settings.fetch));
  }
  return longest;
}

std::size_t robots_bytes(const ShardContext& context) {
  return context.memory.part(32, limits::robots_cache_bytes_max) / context.shards;
}

HostPace pace_of(const PolitenessSpec& politeness) {
  return {.per_host = politeness.per_host,
          .start_gap = politeness.delay,
          .limits = bucket_limits(politeness)};
}

}  // namespace

Shard::Shard(ShardContext context, std::size_t number, http::AddressGuard guard, Network network)
    : context_(std::move(context)),
      number_(number),
      inbox_(limits::shard_inbox_batches_max),
      wake_(loop_.executor()),
      link_room_(loop_.executor(), link_room_bytes(context_)),
      sitemap_turn_(loop_.executor(), 1),
      places_(context_.visits, {}),
      session_(loop_.executor(), session_options(context_, std::move(guard), std::move(network))),
      robots_({.sites = context_.sites,
               .session = session_,
               .committer = &context_.committer,
               .archive = context_.archive,
               .buckets = context_.buckets,
               .clock = context_.clock,
               .turns = &turns_,
               .security = context_.security},
              loop_.executor(), robots_bytes(context_)),
      frontier_(context_.job.politeness.per_host, limits::host_window_urls,
                context_.job.politeness.delay, window_urls(context_)),
      retry_(context_.job.fetch, std::random_device{}()),
      recrawl_(recrawl_interval(context_.job.recrawl)),
      patterns_(limits::trap_hosts_max / context_.shards),
      received_types_(context_.job.fetch.types),
      kept_types_(context_.job.output.types),
      robots_token_(product_token(context_.job)),
      depth_max_(smallest_depth_max(context_.job)),
      started_ms_(context_.clock.wall().time_since_epoch().count()),
      windows_share_(context_.memory, MemoryUse::windows),
      caches_share_(context_.memory, MemoryUse::caches),
      window_urls_max_(window_urls(context_)),
      recent_links_most_(recent_links(context_)),
      recent_links_max_(recent_links_most_),
      robots_bytes_most_(robots_bytes(context_)) {
  frontier_.share(context_.buckets, bucket_limits(context_.job.politeness), [this] { wake(); });
  frontier_.bound_retries(longest_retry(context_.job));
  frontier_.recall_by(
      [this](std::int64_t id, std::string_view key) { return remembered(id, key); });
  if (context_.sites.empty()) return;
  frontier_.pace_by([this](std::string_view host) { return pace_of(sites().of(host).politeness); });
}

Shard::~Shard() {
  frontier_.abandon(context_.clock.now());
}

void Shard::add_host(const HostState& host, std::optional<LaneSet> lanes) {
  // No longer than the wait was when it was stored, whatever the wall clock says by now.
  const PolitenessSpec& politeness = sites().of(host.key).politeness;
  Millis asked{0};
  if (host.health)
    asked = std::max(host.health->interval, std::min(host.health->crawl_delay.value_or(Millis{0}),
                                                     politeness.crawl_delay_max));
  Millis wait_max = std::max({politeness.delay, politeness.delay_max, asked});
  if (host.health) wait_max = std::max(wait_max, host.health->wait);
  const Mono next = due_time(host.next_fetch_ms, now(), wait_max);
  frontier_.add(host, next, asked);
  // Also from those who have no lease of it.
  if (next != Mono::min()) context_.buckets.hold(bucket_keys(host.key), next);
  hosts_[host.id].pages = host.pages_fetched;
  restore_health(host);
  if (lanes) frontier_.mark_spilled(host.id, *lanes);
}

void Shard::change(std::shared_ptr<const LiveJob> job) {
  coro::asio::post(loop_.context(), [this, job = std::move(job)] { adopt(job); });
}

void Shard::adopt(std::shared_ptr<const LiveJob> job) {
  live_ = std::move(job);
  frontier_.repace(pace_of(live_->job.politeness));
  wake_.set();
}

void Shard::wake() {
  coro::asio::post(loop_.context(), [this] { wake_.set(); });
}

coro::Task<> Shard::run() {
  // In every case: whoever still sends is told that nobody receives; the store has what is dropped.
  struct Close {
    coro::Channel<std::vector<Published>>& inbox;
    ~Close() { inbox.close(); }
  };
  const Close close{inbox_};
  auto loops = coro::with_group(&Shard::run_loops, this);
  co_await std::move(loops);
}

coro::Task<> Shard::run_loops(coro::Group& group) {
  group.spawn(receive());
  group.spawn(lease_to_end());
  co_return;
}

coro::Task<> Shard::lease_to_end() {
  auto leasing = coro::with_group(&Shard::lease_all, this);
  auto probing = gauges_.lag.probe();
  auto serving = robots_.serve();  // before anybody asks
  // These two never end by themselves.
  auto racing = coro::race(std::move(serving), std::move(probing), std::move(leasing));
  co_await std::move(racing);
  inbox_.close();  // which ends receive()
}

coro::Task<> Shard::receive() {
  for (;;) {
    auto receiving = inbox_.next();
    auto urls = co_await std::move(receiving);
    if (!urls) co_return;
    accept(std::move(*urls));
  }
}

void Shard::accept(std::vector<Published> urls) {
  const auto at = now();
  for (auto& [host, url, again] : urls) {
    if (again) {
      frontier_.bring_back(url.id.host, host, std::move(url));
      continue;
    }
    const Mono due = frontier_.due_of(url, at);
    const std::int64_t id = url.id.host;
    frontier_.push(id, host, std::move(url), due);
  }
  wake_.set();
}

coro::Task<> Shard::lease_all(coro::Group& group) {
  tasks_ = &group;
  std::size_t leases = 0;
  std::optional<coro::SharedPlaces::Place> place;  // for the next visit
  while (!context_.control.stopping()) {
    if (!place) {
      auto acquiring = places_.acquire();
      place = co_await std::move(acquiring);
    }
    std::optional<Mono> sleep_until;
    wake_.reset();
    // Before the host's turn, which it would use up, and others with it.
    const Mono at = context_.clock.now();
    if (const Millis left = context_.speed.until_begin(at); left > Millis{0}) {
      frontier_.stand_still();
      sleep_until = at + left;
    } else if (auto lease = next_lease(group, sleep_until)) {
      ++gauges_.in_flight;
      http::Pace pace{&context_.speed};
      pace.begin();
      // At once, so that its share of the memory counts before the next one is begun.
      group.start(crawl_one(std::move(*lease), std::move(*place), std::move(pace)),
                  coro::Begin::at_once);
      place.reset();
      // Thousands may be due at once, and the loop has others to serve.
      if (++leases % leases_in_a_row != 0) continue;
      auto yielding = coro::yield_now();
      co_await std::move(yielding);
      continue;
    }
    if (context_.control.stopping()) break;
    auto sleeping = wake_.wait_until(sleep_until.value_or(Mono::max()));
    co_await std::move(sleeping);
  }
  turns_.close();
}

std::optional<Lease> Shard::next_lease(coro::Group& group, std::optional<Mono>& sleep_until) {
  const CrawlControl& control = context_.control;
  if (control.stopping() || control.paused() || !has_memory()) {
    frontier_.stand_still();
    gauges_.waits.put({});  // it is something else that is waited for
    return std::nullopt;
  }
  const Mono at = context_.clock.now();
  auto acquired = frontier_.acquire(at);
  while (const auto request = frontier_.next_refill()) group.spawn(refill(*request));
  if (auto* lease = std::get_if<Lease>(&acquired)) {
    if (at >= hosts_noted_ + hosts_note_interval) note_hosts(at);
    if (context_.control.begin_page()) return std::move(*lease);
    // All pages of the limit are begun: back where it was, until one of them comes to nothing.
    const std::int64_t host = lease->host;
    frontier_.retry(std::move(lease->url), Mono::min());
    frontier_.release(host, Mono::min());
    return std::nullopt;
  }
  const auto* time = std::get_if<Mono>(&acquired);
  if (time != nullptr) sleep_until = *time;
  gauges_.next_wake_ms =
      time == nullptr ? 0 : std::chrono::floor<Millis>(time->time_since_epoch()).count();
  // What is written before a long sleep holds for all of it, so that is soon made good where it
  // was written a moment ago.
  const bool is_long = sleep_until.value_or(Mono::max()) > at + hosts_note_interval;
  if (at >= hosts_noted_ + (is_long ? hosts_note_least : hosts_note_interval))
    note_hosts(at);
  else if (is_long)
    sleep_until = std::min(sleep_until.value_or(Mono::max()), hosts_noted_ + hosts_note_least);
  return std::nullopt;
}

// Those that back off are counted apart.
void Shard::note_hosts(Mono at) {
  hosts_noted_ = at;
  const auto counts = frontier_.counts();
  std::size_t ready = 0, waiting = 0;
  for (const std::int64_t host : backing_off_) {
    ready += frontier_.is_ready(host) ? 1 : 0;
    waiting += frontier_.is_waiting(host) ? 1 : 0;
  }
  gauges_.hosts_ready = counts.hosts_ready - std::min(counts.hosts_ready, ready);
  gauges_.hosts_waiting = counts.hosts_waiting - std::min(counts.hosts_waiting, waiting);
  gauges_.hosts_backing_off = backing_off_.size();
  gauges_.waits.put(frontier_.waits(at, HostWaitBoard::hosts_max));
}

coro::Task<> Shard::refill(RefillRequest request) {
  auto reading = context_.committer.queued(request.host, request.after_seq, request.max_urls);
  auto urls = co_await std::move(reading);
  const bool more = urls.size() == request.max_urls;
  frontier_.refilled(request.host, std::move(urls), more, now());
  wake_.set();
}

}  // namespace trawl::crawl
