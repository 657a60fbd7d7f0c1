#pragma once
// PolitenessBuckets: what all jobs of a process together may do to a host, to a registrable domain
// and to an address. Frontiers ask it before they lease a host and tell it when the fetch is over.
// Any thread; one lock, held for a few look-ups. Owned by the composition root, outlives the jobs.
//
//   host      per_host fetches at once; none sooner than the wait that the last one led to, nor
//             than the asker's own delay after the last one; while some are in flight, starts are
//             as far apart as the host asked for, whoever they are, and as the asker's own wait
//   domain    per_domain places; a fetch holds one from its start to the end of its host's wait
//   address   per_ip fetches at once
//
// A domain or an address never lets a host have less at once than per_host.
//
// Turns: when several frontiers wait for a bucket, the one that has waited longest goes first; it
// has turn_grace to come, after which anybody may. One that needs more rest of a host than the
// others, a longer delay or fewer at once, lets them pass for twice its own delay; then the host is
// kept free for it, for kept_max at most where somebody's answer is still on its way.

#include "core/base/clock.hpp"
#include "core/crawl/hosts/host_throttle.hpp"
#include "core/crawl/hosts/politeness.hpp"
#include "core/crawl/job/job.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace trawl::crawl {

// The buckets of a host; 0: none, or not known.
struct BucketKeys {
  std::uint64_t host = 0;
  std::uint64_t domain = 0;
  std::uint64_t address = 0;
  bool operator==(const BucketKeys&) const = default;
};

// "example.org:8080" or "[::1]" as web::host_key() has it. An address is its own bucket and belongs
// to no domain; a name's address is 0 until somebody has found it out. A name with a dot at its end
// is the same host as without.
BucketKeys bucket_keys(std::string_view host_key);
// "192.0.2.1" or "2001:db8::1", as a Response has it.
std::uint64_t address_bucket(std::string_view ip);

struct BucketLimits {
  Millis delay{0};
  Millis start_gap{0};       // what the asker knows of the wait between two starts
  Millis pause_max{60'000};  // the longest wait for which a place of a domain is held
  int per_host = 1;
  std::optional<int> per_domain;
  std::optional<int> per_ip;
  bool operator==(const BucketLimits&) const = default;
};

BucketLimits bucket_limits(const PolitenessSpec& politeness);

class PolitenessBuckets {
 public:
  static constexpr Millis turn_grace{100};
  static constexpr Millis kept_max{5'000};
  static constexpr Millis kept_pause{60'000};
  static constexpr Mono when_freed = Mono::max();
  static constexpr std::size_t throttled_max = 65'536;  // hosts; then one of them is as usual again
  static constexpr std::chrono::hours throttled_for{1};  // since anybody asked

  // One who asks, a frontier. wake: something that it was refused may be free now; called from any
  // thread under the lock, so it must only post. What it still holds at its end stays taken.
  class Member {
   public:
    // only: the buckets that it will ask for, if that is known.
    Member(PolitenessBuckets& buckets, std::function<void()> wake,
           std::optional<BucketKeys> only = std::nullopt);
    ~Member();
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

    // The buckets that gave a place back since the last call.
    std::vector<std::uint64_t> take_freed();

   private:
    friend PolitenessBuckets;
    PolitenessBuckets& buckets_;
    std::uint64_t id_;
    std::function<void()> wake_;
    std::optional<BucketKeys> only_;
    std::vector<std::uint64_t> freed_;  // guarded by the buckets' mutex
  };

  struct Refusal {
    std::uint64_t bucket = 0;  // which one
    Mono until{};              // ask again then; when_freed: after wake()
    std::size_t line = 0;      // how many wait for it, with this one
  };

  // Takes a place in all buckets, or in none. A refusal's time is later than now.
  std::optional<Refusal> acquire(const Member& member, const BucketKeys& keys,
                                 const BucketLimits& limits, Mono now);
  // The same whatever is in flight, for who can't wait for the end of it: only the times of the
  // host count, and the wait since the last start. A refusal's time is when to ask again.
  std::optional<Refusal> squeeze_in(const Member& member, const BucketKeys& keys,
                                    const BucketLimits& limits, Mono now);
  // Of who has had a place since then and sends only now: when he may, if somebody squeezed in;
  // else this is his start.
  std::optional<Mono> start_late(const BucketKeys& keys, const BucketLimits& limits, Mono since,
                                 Mono now);
  // Whether anybody squeezed in anywhere. No lock.
  bool any_squeezed_in(Mono since) const;
  // The same without asking, for what sends nothing.
  void enter(const BucketKeys& keys);
  // The end of a fetch, with the keys of its acquire() or enter(). next_allowed: when the host may
  // be asked again; Mono::min(): nothing was asked of it. asked: how much of that wait did not come
  // of a job's delay. paced: who may move_wait() it.
  void release(const BucketKeys& keys, const BucketLimits& limits, Mono now, Mono next_allowed,
               Millis asked = Millis{0}, const Member* paced = nullptr);
  // The end of a request of who keeps his place for another one.
  void note_end(const BucketKeys& keys, Mono now, Mono next_allowed, Millis asked = Millis{0});
  // A host is left alone until then, whoever found out why, and when.
  void hold(const BucketKeys& keys, Mono until);
  // How much slower a host is asked by those who have no lease of it, after an answer to one of
  // them or none: each of their requests may be the business of another visit, shard or job.
  Millis interval_after(const BucketKeys& keys, const PolitenessSpec& politeness,
                        const FetchReport& report, Mono started, Mono now);
  // A host's wait that ends at another time than release() said, because the job is paced anew.
  // No wait that somebody else's fetch led to is cut short by it.
  void move_wait(const Member& paced, const BucketKeys& keys, Mono from, Mono to);
  // Places of a host that turns out to have another address.
  void move_address(std::uint64_t from, std::uint64_t to, int places, Mono now);

  std::size_t size() const;  // buckets that are remembered

 private:
  struct Waiter {
    std::uint64_t member = 0;
    BucketLimits limits;
    Mono since{};              // of its first refusal
    Mono until{};              // of its last refusal
    Mono woken = Mono::max();  // the first time since that
  };
  struct Bucket {
    int in_flight = 0;
    Mono last_start = Mono::min();
    Mono last_end = Mono::min();
    Mono squeezed_in = Mono::min();  // the last time
    // Of hosts.
    Mono next_allowed = Mono::min();    // by the ends of fetches
    std::uint64_t allowed_by = 0;       // the member whose fetch that was; 0: nobody's
    Mono next_of_others = Mono::min();  // by those of all others
    Mono next_noted = Mono::min();      // by requests of visits that are to end yet
    Millis gap{0};                      // between two starts: the longest that was asked for
    Mono gap_until = Mono::min();       // when that is over, and a shorter one takes its place
    Mono freed_at = Mono::min();        // when the last place was given back
    Mono kept_since = Mono::max();      // for one who waits for places; nobody has got one since
    Mono kept_again = Mono::min();      // not before, after it was in vain
    Millis delay{0};                    // of whoever asked last
    std::vector<Mono> pauses;           // of domains: ends of the waits that hold a place
    std::vector<Waiter> waiting;        // in the order in which they were refused
  };
  // When a bucket lets the next one in, and how many at once.
  struct Opening {
    Mono at = Mono::min();  // when_freed: not before a release
    int places = 1;
  };
  enum class Kind : std::uint8_t { host, domain, address };
  struct Ask {
    Kind kind;
    std::uint64_t key;
  };

  static std::array<Ask, 3> asks(const BucketKeys& keys);
  static Opening opening(Kind kind, const Bucket& bucket, const BucketLimits& limits, Mono now);
  static std::optional<Mono> refuse(Kind kind, Bucket& bucket, const BucketLimits& limits,
                                    std::uint64_t member, Mono now);
  static bool is_kept_free(Bucket& host, std::span<const Waiter> before, Mono now);
  static Mono after_others(const Bucket& host, const BucketLimits& limits);
  static Millis start_gap(const Bucket& host, const BucketLimits& limits);
  static Mono allowed(const Bucket& host) { return std::max(host.next_allowed, host.next_noted); }
  static void note_wait(Bucket& host, Mono end, Millis asked);
  static void hold_host(Bucket& host, Mono until, std::uint64_t paced);
  static void leave_line(Bucket& bucket, std::uint64_t member);
  void take(const BucketKeys& keys, Mono now);
  void give_back(std::uint64_t key, int places, Mono now);
  void wake_waiting(std::uint64_t key, Bucket& bucket, Mono now);
  void forget_idle(Mono now);

  std::atomic<Mono::rep> squeezed_in_ = Mono::min().time_since_epoch().count();  // the last time
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  boost::unordered_flat_map<std::uint64_t, Bucket> buckets_;
  struct Throttled {
    HostThrottle throttle;
    Mono asked_at{};
  };
  boost::unordered_flat_map<std::uint64_t, Throttled> throttled_;  // those that are not as usual
  boost::unordered_flat_map<std::uint64_t, Member*> members_;
  std::uint64_t next_member_ = 1;
  std::size_t sweep_at_ = 1024;
};

}  // namespace trawl::crawl
