#pragma once
// Frontier: which URL is fetched next, and when. One per shard, used by its loop thread alone; a
// plain state machine over time that comes in as an argument. O(log hosts) for every call.
//
// A host is leased at most per_host times at once and not before the time that the last release
// named; within a host URLs go out by priority and then in the order of their admission, hosts in
// the order of their allowed times, first come first served among equals. One that has mirrors
// doesn't wait long for its host. Only a window of each
// host's queue is in memory, bounded per host and in all; the rest stays in the store and comes
// back through refills.
//
// The shard's loop: acquire() until it gives no lease, next_refill() until it gives none, then
// sleep until the time that acquire() named or until release(), push(), retry() or refilled() was
// called.
//
// Hosts are shared with the frontiers of other jobs and shards through PolitenessBuckets, which are
// asked before each lease. A host that they refuse for a time waits for it; one that has to wait
// for somebody's release is parked until they say that its bucket has a place.

#include "core/base/clock.hpp"
#include "core/base/limits.hpp"
#include "core/crawl/hosts/host_queue.hpp"
#include "core/crawl/hosts/host_wait.hpp"
#include "core/crawl/hosts/indexed_heap.hpp"
#include "core/crawl/hosts/politeness_buckets.hpp"
#include "core/crawl/state/store.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

namespace trawl::crawl {

// What may be asked of the host of a URL that is leased.
enum class HostAccess : std::uint8_t {
  turn,      // the URL: it is the host's turn
  waits,     // nothing yet: the URL is for its mirrors
  given_up,  // nothing: the URL is for its mirrors, or to fail
};

struct Lease {
  std::int64_t host = 0;
  QueuedUrl url;
  HostAccess access = HostAccess::turn;
};

// Nothing can go out until something is pushed, released or refilled.
struct Idle {
  bool operator==(const Idle&) const = default;
};

using Acquired = std::variant<Lease, Mono, Idle>;

// Ask the store for queued URLs of a host with seq > after_seq, of one lane and at most max_urls,
// in order.
struct RefillRequest {
  std::int64_t host = 0;
  std::int64_t after_seq = 0;
  std::size_t max_urls = 0;
};

// Both clocks, read at one instant.
struct ClockReading {
  Mono mono{};
  Wall wall{};
};

// A stored wall-clock time (ms since 1970; 0: at once) as a monotonic one. At most wait_max ahead,
// so that a clock that was wrong when it was stored can't freeze a host for years.
Mono due_time(std::int64_t due_ms, const ClockReading& now, Millis wait_max);

// How closely a host may be fetched from.
struct HostPace {
  int per_host = 1;
  Millis start_gap{0};
  BucketLimits limits = {};  // of what is shared with others
  bool operator==(const HostPace&) const = default;
};

// What is known of a host by others than the frontier, which may have forgotten it.
struct RememberedHost {
  Millis asked{0};            // as release() had it, for the last fetch
  std::uint64_t address = 0;  // its bucket; 0: not known
};

struct FrontierCounts {
  std::size_t hosts = 0;          // known: with work, or not allowed yet
  std::size_t hosts_ready = 0;    // could be leased at the time of the last acquire()
  std::size_t hosts_waiting = 0;  // have a URL in memory that must wait
  std::size_t hosts_parked = 0;   // of these: for a place that others have
  std::size_t hosts_spilled = 0;  // have more in the store than in memory
  std::size_t in_flight = 0;
  std::size_t urls_in_memory = 0;  // queued, without those in flight
  std::size_t refills = 0;         // outstanding requests
  std::optional<Mono> next_wake;
};

// What is remembered of refilled hosts that are known no more, because URLs of theirs may still be
// on their way. Only so many: by the time that they are forgotten those have arrived.
class ForgottenHosts {
 public:
  static constexpr std::size_t half_max = 64 * 1024;
  void keep(std::int64_t id, QuietLanes lanes);
  std::optional<QuietLanes> take(std::int64_t id);
  std::size_t size() const { return young_.size() + old_.size(); }

 private:
  boost::unordered_flat_map<std::int64_t, QuietLanes> young_, old_;
};

class Frontier {
 public:
  static constexpr std::size_t urls_in_memory_max = 100'000;  // about 20 MB
  // More of those that have nothing in memory sleep.
  static constexpr std::size_t hosts_awake_max = 50'000;  // about 20 MB
  // Called so much later than acquire() had named, the process was stopped or starved: the waits
  // of that time don't count.
  static constexpr Millis stall_min{1'000};
  // A host that has to wait for longer leaves URLs to their mirrors.
  static constexpr Millis mirrors_after{5'000};

  // start_gap: the time between two starts on one host while another is in flight (matters when
  // per_host > 1), until a release() of that host says otherwise.
  explicit Frontier(int per_host, std::size_t window_urls = limits::host_window_urls,
                    Millis start_gap = Millis{0}, std::size_t memory_urls = urls_in_memory_max,
                    std::size_t hosts_awake = hosts_awake_max);

  ~Frontier();
  Frontier(const Frontier&) = delete;
  Frontier& operator=(const Frontier&) = delete;

  // Before any other call. wake: as PolitenessBuckets::Member has it.
  void share(PolitenessBuckets& buckets, const BucketLimits& limits, std::function<void()> wake);

  // For hosts that differ: asked for the pace of each host that becomes known by name.
  void pace_by(std::function<HostPace(std::string_view key)> pace) { pace_ = std::move(pace); }
  // Asked for each host that becomes known by name, since one that was forgotten or slept meanwhile
  // still asks to be left alone, and is where it was.
  using Recall = std::function<RememberedHost(std::int64_t id, std::string_view key)>;
  void recall_by(Recall recall) { recall_ = std::move(recall); }

  // The job's pace from now on, and that of hosts that differ, asked for anew. A wait that came of
  // the pace is as long as the new one; one that came of something else is not cut short. O(hosts).
  void repace(const HostPace& pace);

  // How long a URL's retry can have been put off at most, whatever the clock said when that was
  // stored. Before any other call.
  void bound_retries(Millis wait_max) { retry_wait_max_ = wait_max; }
  // When a URL of the store may go out.
  Mono due_of(const QueuedUrl& url, const ClockReading& now) const {
    return due_time(url.due_ms, now, retry_wait_max_);
  }

  // A host becomes known, or has to wait longer. Without it, push() makes it known. asked: as that
  // of release(), of its last fetch.
  void add(const HostState& host, Mono next_allowed = Mono::min(), Millis asked = Millis{0});
  // Start-up: the store has queued URLs of the host, none of which is in memory. lanes: in which
  // they may be, besides lane 0.
  void mark_spilled(std::int64_t host, LaneSet lanes = 0);

  // A URL that was just admitted and committed. Those of one host and lane come in sequence order.
  // It goes into the window, or, when that is full, it is left to the store. One that a refill has
  // already brought is ignored.
  void push(std::int64_t host, std::string_view host_key, QueuedUrl url, Mono due = Mono::min());

  // One that was leased earlier and is queued once more.
  void bring_back(std::int64_t host, std::string_view host_key, QueuedUrl url);

  // A lease, the time to wait for, or Idle. A later call's now is not earlier.
  Acquired acquire(Mono now);

  // From a lease to the commit of what came of it a visit holds its host's place in the queue: a
  // host that was forgotten in between would have its URL brought again by the next refill.
  void begin_visit(std::int64_t host);
  void end_visit(std::int64_t host);

  // Nobody comes at the promised time, and not because the process was stopped.
  void stand_still() { promised_.reset(); }

  // The end of a fetch: politeness allows the next start at next_allowed. Mono::min() when nothing
  // was asked of the host after all (robots.txt, a limit): then the next URL may go out at once.
  // start_gap: the wait by itself; next_allowed is so long after the end of the fetch. asked: how
  // long it would be without the job's delay, which repace() may change.
  void release(std::int64_t host, Mono next_allowed, std::optional<Millis> start_gap = {},
               Millis asked = Millis{0});
  // Of a host that is known: when the next start is allowed by its own fetches; Mono::min(): at
  // once.
  Mono next_allowed(std::int64_t host) const;
  // A leased URL comes back later. Called before the release() of its lease.
  void retry(QueuedUrl url, Mono due);

  // A host that is known: nothing goes out before the time but what its mirrors may have, and one
  // URL at a time from then on.
  void block(std::int64_t host, Mono until);
  // Until then what is queued goes out at once, to fail; from then on the host is blocked.
  void drain(std::int64_t host, Mono until);
  // Neither of both any more.
  void unblock(std::int64_t host);
  // Where a host was found to be: "192.0.2.1".
  void set_address(std::int64_t host, std::string_view ip, Mono now);
  // What was in flight has been given up.
  void abandon(Mono now);

  // The next host to be refilled; at most one request per host is outstanding.
  std::optional<RefillRequest> next_refill();
  // The answer; more: the store has further URLs beyond the last of these.
  void refilled(std::int64_t host, std::vector<QueuedUrl> urls, bool more, const ClockReading& now);

  // The name of a host that is known, such as that of a lease.
  std::string_view host_key(std::int64_t host) const;
  FrontierCounts counts() const;
  // Of counts(): whether the host is among the ready ones, or those that wait. One that sleeps is
  // neither.
  bool is_ready(std::int64_t host) const;
  bool is_waiting(std::int64_t host) const;
  // Why hosts that have work may not be asked at `now`: so many at most, of very many hosts some.
  std::vector<HostWait> waits(Mono now, std::size_t hosts_max) const;
  std::size_t hosts_awake() const { return hosts_.size(); }
  std::size_t urls_in_memory() const { return urls_; }
  // About what it takes: queued URLs with their text, and hosts.
  std::size_t memory_bytes() const;
  // How many queued URLs that many bytes hold.
  static std::size_t urls_within(std::size_t bytes);
  // From now on; what is over it goes out before anything comes in.
  void set_memory_urls(std::size_t memory_urls) { memory_urls_ = memory_urls; }
  void set_hosts_awake(std::size_t hosts) { hosts_awake_max_ = hosts; }

 private:
  std::optional<HostWait> wait_of(const HostQueue& host, Mono now) const;
  HostQueue& host_at(std::int64_t id);
  HostQueue& known(std::int64_t id, std::string_view key);
  void set_pace(HostQueue& host, const HostPace& pace);
  void change_wait(HostQueue& host, Millis delay);
  const HostPace& pace_of(const HostQueue& host) const { return paces_[host.pace]; }
  void schedule(HostQueue& host);  // after any change: puts the host where it belongs
  void schedule_turn(HostQueue& host);
  void schedule_refill(HostQueue& host);
  void forget_idle_hosts();
  HostAccess access_to(HostQueue& host) const;
  bool may_start(HostQueue& host, HostAccess access);  // false: it waits or is parked now
  void park(HostQueue& host, std::uint64_t bucket);
  void unpark(std::uint64_t bucket);
  void unpark_freed();
  void restart_waits(Mono now);
  void pass_turn(HostQueue& host);
  std::optional<Mono> next_hungry() const;
  void put_to_sleep();
  void wake(SleepingHost& sleeping);
  std::size_t room() const;  // for URLs in memory
  bool refills_in_batches() const { return room() >= refill_room_min_; }
  bool takes_new() const;
  bool starved() const;  // the next refill's host could be fetched from now, and no other
  std::optional<Mono> next_wake() const;

  // Constant after construction.
  std::size_t window_urls_;
  std::size_t hosts_awake_max_;
  std::size_t refill_room_min_;  // less room is left until more has come together
  Millis retry_wait_max_ = std::chrono::hours(24);
  PolitenessBuckets* buckets_ = nullptr;
  std::function<HostPace(std::string_view key)> pace_;
  Recall recall_;

  // State.
  std::size_t memory_urls_;
  std::vector<HostPace> paces_;  // the job's first, then those of hosts that differ, each once
  std::optional<PolitenessBuckets::Member> member_;
  // Hosts that wait for a bucket's place, longest first; may name some that don't any more.
  boost::unordered_flat_map<std::uint64_t, std::deque<std::int64_t>> parked_;
  boost::unordered_flat_map<std::int64_t, std::unique_ptr<HostQueue>> hosts_;
  boost::unordered_flat_map<std::int64_t, std::unique_ptr<SleepingHost>> sleeping_;
  IndexedHeap<SleepingHost, &SleepingHost::wakes_at, &SleepingHost::slot> sleepers_;
  std::deque<std::int64_t> sleepy_;  // hosts that may sleep, or might when they came here
  IndexedHeap<HostQueue, &HostQueue::turn, &HostQueue::turn_slot> turns_;  // have a URL in memory
  IndexedHeap<HostQueue, &HostQueue::turn, &HostQueue::idle_slot> idle_;   // to be forgotten
  IndexedHeap<HostQueue, &HostQueue::refill_turn, &HostQueue::refill_slot> hungry_;
  ForgottenHosts forgotten_;
  Mono now_ = Mono::min();  // of the last acquire()
  std::uint64_t ticket_ = 0;
  std::size_t in_flight_ = 0;
  std::size_t urls_ = 0;
  std::size_t refill_urls_ = 0;  // asked for in outstanding requests
  std::size_t refills_ = 0;
  std::size_t spilled_ = 0;
  std::size_t parked_hosts_ = 0;
  std::size_t other_lanes_ = 0;   // than lane 0, of all hosts
  std::optional<Mono> promised_;  // the time that the last acquire() named
};

}  // namespace trawl::crawl
