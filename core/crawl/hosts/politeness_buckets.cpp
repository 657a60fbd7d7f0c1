// All three kinds of bucket are in one map under salted fingerprints. What is over is forgotten by
// a sweep whenever the map has doubled, so that a fetch pays a constant share of it.
#include "core/crawl/hosts/politeness_buckets.hpp"

#include "core/web/digest.hpp"
#include "core/web/url/host.hpp"
#include "core/web/url/url_host.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace trawl::crawl {
namespace {

constexpr std::size_t sweep_min = 1024;
constexpr std::uint64_t domain_salt = 0x9E37'79B9'7F4A'7C15;
constexpr std::uint64_t address_salt = 0xC2B2'AE3D'27D4'EB4F;

// Never 0, which stands for none.
std::uint64_t key_of(std::string_view name, std::uint64_t salt) {
  return (web::fingerprint(name) ^ salt) | 1U;
}

std::string_view without_port(std::string_view host_key) {
  const auto colon = host_key.rfind(':');
  const bool has_port = colon != host_key.npos && host_key.find(']', colon) == host_key.npos;
  return has_port ? host_key.substr(0, colon) : host_key;
}

}  // namespace

std::uint64_t address_bucket(std::string_view ip) {
  return ip.empty() ? 0 : key_of(ip, address_salt);
}

BucketKeys bucket_keys(std::string_view host_key) {
  std::string_view name = without_port(host_key);
  const std::string_view port = host_key.substr(name.size());
  std::string rootless;
  if (name.ends_with('.')) {  // one is the root's; a server may send any number
    name.remove_suffix(1);
    rootless = std::string{name}.append(port);
    host_key = rootless;
  }
  BucketKeys keys{.host = key_of(host_key, 0)};
  if (!web::is_ip_host(name)) {
    keys.domain = key_of(web::registrable_domain(name), domain_salt);
    return keys;
  }
  if (name.starts_with('[')) name = name.substr(1, name.size() - 2);
  keys.address = address_bucket(name);
  return keys;
}

BucketLimits bucket_limits(const PolitenessSpec& politeness) {
  return {.delay = politeness.delay,
          .pause_max = politeness.delay_max,
          .per_host = politeness.per_host,
          .per_domain = politeness.per_domain,
          .per_ip = politeness.per_ip};
}

PolitenessBuckets::Member::Member(PolitenessBuckets& buckets, std::function<void()> wake,
                                  std::optional<BucketKeys> only)
    : buckets_(buckets), wake_(std::move(wake)), only_(only) {
  const std::lock_guard lock{buckets_.mutex_};
  id_ = buckets_.next_member_++;
  buckets_.members_[id_] = this;
}

PolitenessBuckets::Member::~Member() {
  const std::lock_guard lock{buckets_.mutex_};
  buckets_.members_.erase(id_);
  if (!only_) {
    for (auto& [key, bucket] : buckets_.buckets_) leave_line(bucket, id_);
    return;
  }
  for (const auto& [kind, key] : asks(*only_)) {
    const auto found = buckets_.buckets_.find(key);
    if (found != buckets_.buckets_.end()) leave_line(found->second, id_);
  }
}

std::vector<std::uint64_t> PolitenessBuckets::Member::take_freed() {
  const std::lock_guard lock{buckets_.mutex_};
  return std::exchange(freed_, {});
}

std::array<PolitenessBuckets::Ask, 3> PolitenessBuckets::asks(const BucketKeys& keys) {
  return {{{Kind::host, keys.host}, {Kind::domain, keys.domain}, {Kind::address, keys.address}}};
}

PolitenessBuckets::Opening PolitenessBuckets::opening(Kind kind, const Bucket& bucket,
                                                      const BucketLimits& limits, Mono now) {
  if (kind == Kind::host) {
    if (bucket.in_flight >= limits.per_host) return {.at = when_freed};
    Mono at = allowed(bucket);
    if (bucket.last_end != Mono::min()) at = std::max(at, bucket.last_end + limits.delay);
    const Millis gap = start_gap(bucket, limits);
    if (bucket.in_flight > 0 && bucket.last_start != Mono::min())
      at = std::max(at, bucket.last_start + gap);
    return {at, gap > Millis{0} ? 1 : limits.per_host - bucket.in_flight};
  }
  const auto& limit = kind == Kind::domain ? limits.per_domain : limits.per_ip;
  if (!limit) return {.places = bucket.in_flight + 1'000'000};
  const int places = std::max(*limit, limits.per_host);
  if (bucket.in_flight >= places) return {.at = when_freed};
  const int used = bucket.in_flight + static_cast<int>(bucket.pauses.size());
  if (used < places) return {.places = places - used};
  // Waits that are over hold no place.
  std::vector<Mono> held;
  for (const Mono end : bucket.pauses)
    if (end > now) held.push_back(end);
  const int free = places - bucket.in_flight - static_cast<int>(held.size());
  if (free > 0) return {.places = free};
  // So many waits have to end that one place is free.
  const auto last = held.begin() - free;
  std::ranges::nth_element(held, last);
  return {.at = *last};
}

// For one of these, who has let others pass for long enough and comes when he is told to. Looked at
// anew every now and then, so that nobody waits for long for one who is gone.
bool PolitenessBuckets::is_kept_free(Bucket& host, std::span<const Waiter> before, Mono now) {
  for (const Waiter& waiter : before) {
    const Mono expected = waiter.until != when_freed ? waiter.until : waiter.woken;
    const bool comes = expected == Mono::max() || now <= expected + turn_grace;
    const Mono begin = waiter.since + 2 * std::max(waiter.limits.delay, turn_grace);
    if (!comes || now < begin) continue;
    const auto [at, places] = opening(Kind::host, host, waiter.limits, now);
    if (at == when_freed) {
      if (now < host.kept_again) continue;
      host.kept_since = std::min(host.kept_since, now);
      if (now <= host.kept_since + kept_max) return true;
      host.kept_again = now + kept_pause;
      continue;
    }
    const Mono opened = std::max(at, host.freed_at);
    if (at > now || (places <= 1 && opened + turn_grace > now)) return true;
  }
  return false;
}

// The time to ask again, or nothing when it may go. Before it in the line are those that were
// refused earlier and could go now too, or for whom a host is kept free.
std::optional<Mono> PolitenessBuckets::refuse(Kind kind, Bucket& bucket, const BucketLimits& limits,
                                              std::uint64_t member, Mono now) {
  auto& waiting = bucket.waiting;
  const Opening own = opening(kind, bucket, limits, now);
  const auto place = std::ranges::find(waiting, member, &Waiter::member);
  const auto could_go = [&](const Waiter& waiter) {
    return (waiter.until <= now || waiter.until == when_freed) &&
           opening(kind, bucket, waiter.limits, now).at <= now;
  };
  std::optional<Mono> until;
  std::ptrdiff_t before = 0;
  if (own.at > now) {
    until = own.at;
  } else if (kind == Kind::host && is_kept_free(bucket, {waiting.begin(), place}, now)) {
    until = now + turn_grace;
  } else {
    before = std::count_if(waiting.begin(), place, could_go);
    const Mono since = std::max(own.at, bucket.freed_at);
    if (before >= own.places && since != Mono::min() && since + turn_grace > now)
      until = since + turn_grace;
  }
  if (until) {
    Waiter& waiter = place == waiting.end()
                         ? waiting.emplace_back(Waiter{.member = member, .since = now})
                         : *place;
    waiter.limits = limits;
    waiter.until = *until;
    waiter.woken = Mono::max();
    return until;
  }
  bucket.kept_since = Mono::max();
  // Those before it had their chance.
  std::erase_if(waiting, [&, passed = before >= own.places](const Waiter& waiter) {
    return waiter.member == member || (passed && could_go(waiter));
  });
  return std::nullopt;
}

std::optional<PolitenessBuckets::Refusal> PolitenessBuckets::acquire(const Member& member,
                                                                     const BucketKeys& keys,
                                                                     const BucketLimits& limits,
                                                                     Mono now) {
  const std::lock_guard lock{mutex_};
  for (const auto& [kind, key] : asks(keys)) {
    if (key == 0) continue;
    Bucket& bucket = buckets_[key];
    if (kind == Kind::host) bucket.delay = std::max(bucket.delay, limits.delay);
    const auto until = refuse(kind, bucket, limits, member.id_, now);
    if (until) return Refusal{key, *until, bucket.waiting.size()};
  }
  take(keys, now);
  if (buckets_.size() >= sweep_at_) forget_idle(now);
  return std::nullopt;
}

std::optional<PolitenessBuckets::Refusal> PolitenessBuckets::squeeze_in(const Member& member,
                                                                        const BucketKeys& keys,
                                                                        const BucketLimits& limits,
                                                                        Mono now) {
  const std::lock_guard lock{mutex_};
  Bucket& host = buckets_[keys.host];
  host.delay = std::max(host.delay, limits.delay);
  if (const Mono at = after_others(host, limits); at > now)
    return Refusal{keys.host, at, host.waiting.size()};
  host.squeezed_in = now;
  squeezed_in_ = now.time_since_epoch().count();
  for (const auto& [kind, key] : asks(keys))
    if (key != 0) leave_line(buckets_[key], member.id_);
  take(keys, now);
  return std::nullopt;
}

Mono PolitenessBuckets::after_others(const Bucket& host, const BucketLimits& limits) {
  Mono at = allowed(host);
  if (host.last_start != Mono::min()) at = std::max(at, host.last_start + start_gap(host, limits));
  if (host.last_end != Mono::min()) at = std::max(at, host.last_end + limits.delay);
  return at;
}

// Several at once don't multiply the rate that the host's answers asked for, whoever got these.
Millis PolitenessBuckets::start_gap(const Bucket& host, const BucketLimits& limits) {
  return std::max({limits.delay, limits.start_gap, host.gap});
}

// A longer wait is the distance of starts until it is over: those that were in flight when it began
// end with shorter ones.
void PolitenessBuckets::note_wait(Bucket& host, Mono end, Millis asked) {
  if (asked >= host.gap || host.gap_until <= end) {
    host.gap = asked;
    host.gap_until = end + asked;
  }
  host.last_end = end;
}

void PolitenessBuckets::hold_host(Bucket& host, Mono until, std::uint64_t paced) {
  if (until > host.next_allowed) {
    if (host.allowed_by != paced || paced == 0) host.next_of_others = host.next_allowed;
    host.next_allowed = until;
    host.allowed_by = paced;
  } else if (host.allowed_by != paced) {
    host.next_of_others = std::max(host.next_of_others, until);
  }
}

std::optional<Mono> PolitenessBuckets::start_late(const BucketKeys& keys,
                                                  const BucketLimits& limits, Mono since,
                                                  Mono now) {
  const std::lock_guard lock{mutex_};
  Bucket& host = buckets_[keys.host];
  const Mono at = host.squeezed_in < since ? now : after_others(host, limits);
  if (at > now) return at;
  host.last_start = std::max(host.last_start, now);
  return std::nullopt;
}

bool PolitenessBuckets::any_squeezed_in(Mono since) const {
  return squeezed_in_.load() >= since.time_since_epoch().count();
}

void PolitenessBuckets::leave_line(Bucket& bucket, std::uint64_t member) {
  std::erase_if(bucket.waiting, [member](const Waiter& waiter) { return waiter.member == member; });
}

void PolitenessBuckets::enter(const BucketKeys& keys) {
  const std::lock_guard lock{mutex_};
  take(keys, Mono::min());
}

void PolitenessBuckets::take(const BucketKeys& keys, Mono now) {
  for (const auto& [kind, key] : asks(keys)) {
    if (key == 0) continue;
    Bucket& bucket = buckets_[key];
    ++bucket.in_flight;
    bucket.last_start = std::max(bucket.last_start, now);
  }
}

void PolitenessBuckets::release(const BucketKeys& keys, const BucketLimits& limits, Mono now,
                                Mono next_allowed, Millis asked, const Member* paced) {
  const std::lock_guard lock{mutex_};
  const bool was_asked = next_allowed != Mono::min();
  if (was_asked) {
    Bucket& host = buckets_[keys.host];
    note_wait(host, now, asked);
    hold_host(host, next_allowed, paced != nullptr ? paced->id_ : 0);
  }
  if (was_asked && keys.domain != 0 && limits.per_domain) {
    auto& pauses = buckets_[keys.domain].pauses;
    std::erase_if(pauses, [&](Mono end) { return end <= now; });
    const Mono end = std::min(next_allowed, now + limits.pause_max);
    if (end > now) pauses.push_back(end);
  }
  for (const auto& [kind, key] : asks(keys))
    if (key != 0) give_back(key, 1, now);
  // Whoever noted a wait on his way has said at his end what came of it.
  Bucket& host = buckets_[keys.host];
  if (host.in_flight == 0 && host.next_noted <= host.next_allowed) host.next_noted = Mono::min();
}

void PolitenessBuckets::note_end(const BucketKeys& keys, Mono now, Mono next_allowed,
                                 Millis asked) {
  const std::lock_guard lock{mutex_};
  Bucket& host = buckets_[keys.host];
  note_wait(host, now, asked);
  host.next_noted = std::max(host.next_noted, next_allowed);
}

void PolitenessBuckets::hold(const BucketKeys& keys, Mono until) {
  const std::lock_guard lock{mutex_};
  hold_host(buckets_[keys.host], until, 0);
}

Millis PolitenessBuckets::interval_after(const BucketKeys& keys, const PolitenessSpec& politeness,
                                         const FetchReport& report, Mono started, Mono now) {
  const Millis usual = Politeness{politeness}.set_wait(report);
  const std::lock_guard lock{mutex_};
  auto known = throttled_.find(keys.host);
  if (known != throttled_.end() && known->second.asked_at + throttled_for < now) {
    throttled_.erase(known);
    known = throttled_.end();
  }
  if (is_throttled(report.status)) {
    if (known == throttled_.end() && throttled_.size() >= throttled_max)
      throttled_.erase(throttled_.begin());
    Throttled& host = throttled_[keys.host];
    host.asked_at = now;
    host.throttle.on_overload(usual, politeness.delay_max, started, now);
    return host.throttle.interval();
  }
  if (known == throttled_.end()) return Millis{0};
  known->second.asked_at = now;
  if (report.status && *report.status < 500) known->second.throttle.on_good(usual, started);
  const Millis interval = known->second.throttle.interval();
  if (interval == Millis{0}) throttled_.erase(known);
  return interval;
}

void PolitenessBuckets::give_back(std::uint64_t key, int places, Mono now) {
  Bucket& bucket = buckets_[key];
  assert(bucket.in_flight >= places);
  bucket.in_flight -= places;
  bucket.freed_at = now;
  wake_waiting(key, bucket, now);
}

void PolitenessBuckets::move_wait(const Member& paced, const BucketKeys& keys, Mono from, Mono to) {
  const std::lock_guard lock{mutex_};
  const auto found = buckets_.find(keys.host);
  if (found == buckets_.end()) return;
  Bucket& host = found->second;
  if (host.next_allowed != from || host.allowed_by != paced.id_) return;
  host.next_allowed = std::max(to, host.next_of_others);
}

void PolitenessBuckets::move_address(std::uint64_t from, std::uint64_t to, int places, Mono now) {
  const std::lock_guard lock{mutex_};
  if (to != 0) buckets_[to].in_flight += places;
  if (from != 0) give_back(from, places, now);
}

void PolitenessBuckets::wake_waiting(std::uint64_t key, Bucket& bucket, Mono now) {
  for (Waiter& waiter : bucket.waiting) {
    waiter.woken = std::min(waiter.woken, now);
    Member& member = *members_.at(waiter.member);
    const bool told = std::ranges::find(member.freed_, key) != member.freed_.end();
    if (told) continue;
    member.freed_.push_back(key);
    member.wake_();
  }
}

void PolitenessBuckets::forget_idle(Mono now) {
  boost::unordered::erase_if(buckets_, [now](const auto& item) {
    const Bucket& bucket = item.second;
    return bucket.in_flight == 0 && bucket.waiting.empty() && allowed(bucket) <= now &&
           (bucket.last_end == Mono::min() || bucket.last_end + bucket.delay <= now) &&
           std::ranges::none_of(bucket.pauses, [now](Mono end) { return end > now; });
  });
  boost::unordered::erase_if(
      throttled_, [now](const auto& item) { return item.second.asked_at + throttled_for < now; });
  sweep_at_ = std::max(sweep_min, 2 * buckets_.size());
}

std::size_t PolitenessBuckets::size() const {
  const std::lock_guard lock{mutex_};
  return buckets_.size();
}

}  // namespace trawl::crawl
