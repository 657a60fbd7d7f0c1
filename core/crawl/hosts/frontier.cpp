// Every public call changes one host and then schedule()s it: the place of a host in the three
// heaps (turns, refills, idle) is a function of its state, so no call needs to know what the others
// did.
//
// The memory bound: beyond it new URLs stay in the store, and only a host that could be fetched
// from at once, while no other can, gets a refill, of one URL. So the bound slows nothing that
// matters, and can't dead-lock on a memory full of URLs that wait.
#include "core/crawl/hosts/frontier.hpp"

#include "core/web/url/host.hpp"
#include "core/web/url/url.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace trawl::crawl {
namespace {

constexpr std::size_t starved_refills_max = 64;  // outstanding, while memory is full
// Of a host that slept: its name is in each of its URLs.
std::string key_of(const QueuedUrl& url) {
  const auto parsed = web::Url::parse(url.url);
  return parsed ? web::host_key(*parsed) : std::string{};
}

}  // namespace

Mono due_time(std::int64_t due_ms, const ClockReading& now, Millis wait_max) {
  const std::int64_t wall_ms = now.wall.time_since_epoch().count();
  if (due_ms <= wall_ms) return Mono::min();
  return now.mono + std::min(Millis{due_ms - wall_ms}, wait_max);
}

Frontier::Frontier(int per_host, std::size_t window_urls, Millis start_gap, std::size_t memory_urls,
                   std::size_t hosts_awake)
    : window_urls_(std::clamp<std::size_t>(window_urls, 1, UINT16_MAX)),
      hosts_awake_max_(hosts_awake),
      refill_room_min_(std::clamp<std::size_t>(memory_urls / 16, 1, window_urls_ / 2 + 1)),
      memory_urls_(memory_urls),
      paces_{{.per_host = std::max(per_host, 1), .start_gap = start_gap}} {}

HostQueue& Frontier::host_at(std::int64_t id) {
  const auto found = hosts_.find(id);
  assert(found != hosts_.end());
  return *found->second;
}

HostQueue& Frontier::known(std::int64_t id, std::string_view key) {
  if (const auto asleep = sleeping_.find(id); asleep != sleeping_.end()) wake(*asleep->second);
  std::unique_ptr<HostQueue>& host = hosts_[id];
  if (!host) {
    host = std::make_unique<HostQueue>();
    host->id = id;
    host->start_gap = pace_of(*host).start_gap;
    if (auto known = forgotten_.take(id)) host->lanes.resume(std::move(*known));
  }
  if (host->key.empty() && !key.empty()) {
    host->key = key;
    if (buckets_ != nullptr && host->buckets.host == 0) {
      const std::uint64_t address = host->buckets.address;  // of one that slept
      host->buckets = bucket_keys(key);
      if (address != 0) host->buckets.address = address;
    }
    const RememberedHost before = recall_ ? recall_(id, key) : RememberedHost{};
    host->asked_gap = std::max(host->asked_gap, before.asked);
    if (host->buckets.address == 0) host->buckets.address = before.address;
    set_pace(*host, pace_ ? pace_(key) : pace_of(*host));
  }
  return *host;
}

void Frontier::set_pace(HostQueue& host, const HostPace& pace) {
  const auto known = std::ranges::find(paces_, pace);
  host.pace = static_cast<std::uint32_t>(known - paces_.begin());
  if (known == paces_.end()) paces_.push_back(pace);
  host.start_gap = std::max(pace.start_gap, host.asked_gap);
}

void Frontier::add(const HostState& state, Mono next_allowed, Millis asked) {
  // Of those before it, when a start adds them by the million.
  forget_idle_hosts();
  put_to_sleep();
  HostQueue& host = known(state.id, state.key);
  host.wait_until(next_allowed, pace_of(host).start_gap);
  host.asked_gap = std::max(host.asked_gap, asked);
  host.start_gap = std::max(host.start_gap, host.asked_gap);
  schedule(host);
}

void Frontier::mark_spilled(std::int64_t id, LaneSet lanes) {
  HostQueue& host = known(id, {});
  host.lanes.expect(lanes);
  schedule(host);
}

void Frontier::push(std::int64_t id, std::string_view host_key, QueuedUrl url, Mono due) {
  HostQueue& host = known(id, host_key);
  Lane& lane = host.lanes.at(lane_of(url.id.seq));
  if (lane.refilled.contains(url.id.seq)) {
    // A refill that saw its commit has brought it.
  } else if (url.id.seq <= lane.last_seq) {  // overtaken by one of another shard, on its way here
    lane.window.insert(std::move(url), due, now_);
    ++urls_;
  } else if (lane.spilled() || lane.window.size() >= window_urls_ || !takes_new()) {
    lane.spilled_seq = std::max(lane.spilled_seq, url.id.seq);
  } else {
    lane.last_seq = url.id.seq;
    lane.window.insert(std::move(url), due, now_);
    ++urls_;
  }
  schedule(host);
}

void Frontier::bring_back(std::int64_t id, std::string_view host_key, QueuedUrl url) {
  HostQueue& host = known(id, host_key);
  Lane& lane = host.lanes.at(lane_of(url.id.seq));
  if (url.id.seq > lane.last_seq && lane.spilled()) {
    lane.spilled_seq = std::max(lane.spilled_seq, url.id.seq);  // a refill will come to it
  } else {
    lane.last_seq = std::max(lane.last_seq, url.id.seq);
    lane.window.insert(std::move(url), Mono::min(), now_);
    ++urls_;
  }
  schedule(host);
}

Acquired Frontier::acquire(Mono now) {
  restart_waits(now);
  now_ = std::max(now_, now);
  forget_idle_hosts();
  put_to_sleep();
  unpark_freed();
  while (!turns_.empty() && turns_.top().turn.at <= now_) {
    HostQueue& host = turns_.top();
    const HostAccess access = access_to(host);
    if (!may_start(host, access)) continue;
    turns_.erase(host);
    Lease lease{host.id, host.lanes.take(now_), access};
    --urls_;
    ++in_flight_;
    ++host.in_flight;
    if (access == HostAccess::turn) host.last_start = now_;
    schedule(host);
    return lease;
  }
  promised_ = next_wake();
  if (promised_) return *promised_;
  return Idle{};
}

void Frontier::release(std::int64_t id, Mono next_allowed, std::optional<Millis> start_gap,
                       Millis asked) {
  HostQueue& host = host_at(id);
  assert(host.in_flight > 0);
  --host.in_flight;
  --in_flight_;
  host.next_allowed = std::max(host.next_allowed, next_allowed);
  Mono ended = now_;
  if (start_gap && next_allowed != Mono::min()) {
    ended = next_allowed - *start_gap;
    host.start_gap = *start_gap;
    host.asked_gap = asked;
    host.asked_until = std::max(host.asked_until, ended + asked);
    host.last_end = std::max(host.last_end, ended);
  }
  if (buckets_ != nullptr)
    buckets_->release(host.buckets, pace_of(host).limits, ended, next_allowed, asked, &*member_);
  schedule(host);
}

Mono Frontier::next_allowed(std::int64_t id) const {
  const auto found = hosts_.find(id);
  return found == hosts_.end() ? Mono::min() : found->second->next_allowed;
}

void Frontier::begin_visit(std::int64_t id) {
  ++host_at(id).visits;
}

void Frontier::end_visit(std::int64_t id) {
  HostQueue& host = host_at(id);
  assert(host.visits > 0);
  --host.visits;
  schedule(host);
}

void Frontier::retry(QueuedUrl url, Mono due) {
  HostQueue& host = host_at(url.id.host);
  assert(host.in_flight > 0);
  // Behind those that need not wait for the host.
  if (url.needs_host) due = std::max(due, host.start_allowed());
  host.lanes.at(lane_of(url.id.seq)).window.insert(std::move(url), due, now_);
  ++urls_;
  schedule(host);
}

std::optional<RefillRequest> Frontier::next_refill() {
  const auto first = next_hungry();
  if (!first) return std::nullopt;
  std::size_t max_urls = 1;
  if (refills_in_batches()) {
    max_urls = std::min(window_urls_, room());
  } else if (!starved()) {
    return std::nullopt;
  }
  if (hungry_.empty() || hungry_.top().refill_turn.at > *first) wake(sleepers_.top());
  HostQueue& host = hungry_.top();
  Lane& lane = host.lanes.at(host.lanes.hungry(window_urls_).value());
  max_urls = std::min(max_urls, window_urls_ - lane.window.size());
  hungry_.erase(host);
  host.refill_urls = static_cast<std::uint16_t>(max_urls);
  host.refill_lane = static_cast<std::uint8_t>(lane.number);
  lane.spilled_seq_at_request = lane.spilled_seq;
  refill_urls_ += max_urls;
  ++refills_;
  return RefillRequest{host.id, lane.last_seq, max_urls};
}

void Frontier::refilled(std::int64_t id, std::vector<QueuedUrl> urls, bool more,
                        const ClockReading& now) {
  HostQueue& host = host_at(id);
  assert(host.refill_urls > 0);
  refill_urls_ -= std::exchange(host.refill_urls, 0);
  --refills_;
  urls_ += urls.size();
  if (host.key.empty() && !urls.empty()) known(id, key_of(urls.front()));
  Lane& lane = host.lanes.at(host.refill_lane);
  lane.close_refill(urls, more && !urls.empty());
  for (QueuedUrl& url : urls) {
    const Mono due = due_of(url, now);
    lane.window.insert(std::move(url), due, now_);
  }
  schedule(host);
}

void Frontier::schedule(HostQueue& host) {
  if (host.spilled() != host.counted_spilled) {
    host.counted_spilled = host.spilled();
    host.counted_spilled ? ++spilled_ : --spilled_;
  }
  other_lanes_ += host.lanes.others() - host.counted_lanes;
  host.counted_lanes = static_cast<std::uint8_t>(host.lanes.others());
  schedule_refill(host);
  if (host.idle()) {
    turns_.erase(host);
    host.turn = {host.next_allowed, ++ticket_};
    // One that is blocked is kept, or else it would be fetched from as if it were well.
    host.blocked() ? idle_.erase(host) : idle_.update(host);
  } else {
    idle_.erase(host);
    schedule_turn(host);
  }
}

void Frontier::schedule_turn(HostQueue& host) {
  const HostAccess access = access_to(host);
  const bool probes = host.blocked() && access == HostAccess::turn;
  const int at_once = probes ? 1 : pace_of(host).per_host;
  if (host.lanes.empty() || host.in_flight >= at_once || host.parked_in != 0) {
    turns_.erase(host);
    return;
  }
  // A host whose turn has come keeps its place; one that could go earlier than now queues up as of
  // now, or else new hosts would always overtake the old ones.
  const Mono allowed = access == HostAccess::waits ? Mono::min() : host.start_allowed();
  const Mono at = std::max({allowed, host.lanes.next_due(), now_});
  if (turns_.contains(host) && (at == host.turn.at || (at <= now_ && host.turn.at <= now_))) return;
  host.turn = {at, ++ticket_};
  turns_.update(host);
}

void Frontier::schedule_refill(HostQueue& host) {
  if (host.may_sleep() && !host.is_sleepy && hosts_.size() >= hosts_awake_max_) {
    host.is_sleepy = true;
    sleepy_.push_back(host.id);
  }
  if (host.refill_urls > 0 || !host.lanes.hungry(window_urls_)) {
    hungry_.erase(host);
    return;
  }
  // A host that lies fallow for want of URLs comes before those that are busy or have some left.
  const bool fallow = host.lanes.empty() && host.in_flight < pace_of(host).per_host;
  const Mono at = fallow ? std::max(host.start_allowed(), now_) : Mono::max();
  if (hungry_.contains(host) &&
      (at == host.refill_turn.at || (at <= now_ && host.refill_turn.at <= now_)))
    return;
  host.refill_turn = {at, ++ticket_};
  hungry_.update(host);
}

void Frontier::forget_idle_hosts() {
  while (!idle_.empty() && idle_.top().turn.at <= now_) {
    HostQueue& host = idle_.top();
    idle_.erase(host);
    other_lanes_ -= host.counted_lanes;
    if (host.lanes.has_memory()) forgotten_.keep(host.id, host.lanes.quiet());
    hosts_.erase(host.id);
  }
}

bool Frontier::starved() const {
  return next_hungry() <= now_ && (turns_.empty() || turns_.top().turn.at > now_) &&
         refills_ < starved_refills_max;
}

std::optional<Mono> Frontier::next_wake() const {
  std::optional<Mono> wake;
  if (!turns_.empty()) wake = turns_.top().turn.at;
  if (const auto at = next_hungry(); at && !refills_in_batches())
    if (*at > now_ && *at != Mono::max()) wake = std::min(wake.value_or(*at), *at);
  return wake;
}

std::string_view Frontier::host_key(std::int64_t id) const {
  const auto found = hosts_.find(id);
  return found == hosts_.end() ? std::string_view{} : std::string_view{found->second->key};
}

FrontierCounts Frontier::counts() const {
  FrontierCounts counts;
  counts.hosts = hosts_.size() + sleeping_.size();
  counts.hosts_ready = turns_.count([this](const HostQueue& h) { return h.turn.at <= now_; });
  counts.hosts_parked = parked_hosts_;
  counts.hosts_waiting = turns_.size() - counts.hosts_ready + parked_hosts_;
  counts.hosts_spilled = spilled_;
  counts.in_flight = in_flight_;
  counts.urls_in_memory = urls_;
  counts.refills = refills_;
  counts.next_wake = next_wake();
  return counts;
}

}  // namespace trawl::crawl
