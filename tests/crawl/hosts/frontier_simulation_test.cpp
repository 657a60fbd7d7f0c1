// A whole crawl in virtual time, driven by a seed: hosts, discoveries, fetches that end in any
// order, retries, a store that answers late from an old snapshot. Every rule of the frontier is
// checked at every lease, and at the end every URL has been fetched as often as it should.
#include "core/crawl/hosts/frontier.hpp"
#include "virtual_time.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace trawl::crawl {
namespace {

struct Setup {
  int per_host = 1;
  std::size_t window_urls = 4;
  Millis start_gap{0};
  std::size_t memory_urls = 1000;
  int hosts = 12;
  int urls = 500;
  int concurrency = 8;
};

class Simulation {
 public:
  Simulation(unsigned seed, const Setup& setup)
      : setup_(setup),
        random_(seed),
        frontier_(setup.per_host, setup.window_urls, setup.start_gap, setup.memory_urls) {}

  void run() {
    start_up();
    while (done_ < known_ || planned_ > 0 || pushes_ > 0 || refills_ > 0) {
      act();
      if (testing::Test::HasFatalFailure()) return;
    }
    const FrontierCounts counts = frontier_.counts();
    EXPECT_EQ(counts.urls_in_memory, 0U);
    EXPECT_EQ(counts.in_flight, 0U);
    EXPECT_EQ(counts.refills, 0U);
    EXPECT_EQ(counts.hosts_spilled, 0U);
    EXPECT_EQ(doubled_, 0);
  }

 private:
  enum class State { queued, leased, done };
  struct Url {
    State state = State::queued;
    int attempts_left = 1;
    bool delayed = false;  // has a due time or was retried: leaves the order
    Mono due = Mono::min();
  };
  struct Host {
    std::map<std::int64_t, Url> urls;
    int in_flight = 0;
    Mono next_allowed = Mono::min();
    Mono last_start = Mono::min();
    std::int64_t last_first_lease = -1;
    bool refill_out = false;
  };
  struct Event {
    enum class Kind { discover, pushed, fetched, snapshot, answer } kind;
    std::int64_t host = 0;
    std::int64_t seq = 0;
    RefillRequest request{};
    std::vector<QueuedUrl> urls{};
    bool more = false;
  };

  std::int64_t pick(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }
  bool chance(int percent) { return pick(1, 100) <= percent; }
  ClockReading reading() const {
    return {now_, Wall{std::chrono::duration_cast<Millis>(now_ - Mono{}) + Millis{1'000'000}}};
  }
  void at(std::int64_t in_ms, Event event) {
    events_.emplace(now_ + Millis{in_ms}, std::move(event));
  }

  void start_up() {
    for (std::int64_t host = 1; host <= setup_.hosts; ++host) {
      if (!chance(30)) continue;
      hosts_[host].next_allowed = chance(50) ? now_ + Millis{pick(1, 2000)} : Mono::min();
      frontier_.add({.id = host, .key = "h"}, hosts_[host].next_allowed);
      if (chance(50)) {
        const std::int64_t count = pick(0, 20);
        for (std::int64_t i = 0; i < count; ++i) admit(host, chance(20));
        frontier_.mark_spilled(host);
      }
    }
    planned_ = setup_.urls - known_;
    for (int i = 0; i < planned_; ++i) at(pick(0, 3000), {.kind = Event::Kind::discover});
  }

  // Commits a URL to the model's store.
  std::int64_t admit(std::int64_t host, bool delayed) {
    const std::int64_t seq = next_seq_++;
    Url& url = hosts_[host].urls[seq];
    url.attempts_left = chance(85) ? 1 : static_cast<int>(pick(2, 4));
    url.delayed = delayed;
    if (delayed) {
      ++delayed_;
      url.due = now_ + Millis{pick(1, 3000)};
    }
    ++known_;
    return seq;
  }

  // Leases all it can, asks for refills, and lets time pass to whatever happens next.
  void act() {
    Acquired acquired = Idle{};
    while (in_flight_ < setup_.concurrency) {
      acquired = frontier_.acquire(now_);
      const auto* lease = std::get_if<Lease>(&acquired);
      if (lease == nullptr) break;
      start(*lease);
      if (testing::Test::HasFatalFailure()) return;
    }
    while (const auto request = frontier_.next_refill()) ask(*request);
    check_memory();
    const auto* wake = std::get_if<Mono>(&acquired);
    const bool may_sleep = in_flight_ < setup_.concurrency && wake != nullptr;
    if (may_sleep) ASSERT_GT(*wake, now_);
    ASSERT_TRUE(may_sleep || !events_.empty()) << "stuck at " << (now_ - Mono{}).count();
    if (may_sleep && (events_.empty() || *wake < events_.begin()->first)) {
      now_ = *wake;
      return;
    }
    now_ = events_.begin()->first;
    Event event = std::move(events_.begin()->second);
    events_.erase(events_.begin());
    happen(std::move(event));
  }

  void start(const Lease& lease) {
    Host& host = hosts_.at(lease.host);
    ASSERT_TRUE(host.urls.contains(lease.url.id.seq));
    Url& url = host.urls.at(lease.url.id.seq);
    if (url.state != State::queued) ++doubled_;
    ASSERT_EQ(doubled_, 0);
    ASSERT_LT(host.in_flight, setup_.per_host);
    ASSERT_GE(now_, host.next_allowed);
    if (host.in_flight > 0) ASSERT_GE(now_, host.last_start + setup_.start_gap);
    ASSERT_GE(now_, url.due);
    if (url.delayed) {
      --delayed_;
    } else {
      ASSERT_GT(lease.url.id.seq, host.last_first_lease);
      host.last_first_lease = lease.url.id.seq;
    }
    url.state = State::leased;
    host.last_start = now_;
    ++host.in_flight;
    ++in_flight_;
    at(pick(0, 300), {.kind = Event::Kind::fetched, .host = lease.host, .seq = lease.url.id.seq});
  }

  void ask(const RefillRequest& request) {
    Host& host = hosts_.at(request.host);
    ASSERT_FALSE(host.refill_out);
    ASSERT_GE(request.max_urls, 1U);
    host.refill_out = true;
    ++refills_;
    at(pick(0, 50), {.kind = Event::Kind::snapshot, .host = request.host, .request = request});
  }

  void happen(Event event) {
    switch (event.kind) {
      case Event::Kind::discover:
        discover();
        break;
      case Event::Kind::pushed:
        --pushes_;
        frontier_.push(event.host, "h", queued_url(event.host, event.seq));
        break;
      case Event::Kind::fetched:
        finish(event.host, event.seq);
        break;
      case Event::Kind::snapshot:
        answer(std::move(event));
        break;
      case Event::Kind::answer:
        hosts_.at(event.host).refill_out = false;
        --refills_;
        frontier_.refilled(event.host, std::move(event.urls), event.more, reading());
        break;
    }
  }

  void discover() {
    --planned_;
    // A few hosts get most URLs, as on the web.
    const std::int64_t host = std::min(pick(1, setup_.hosts), pick(1, setup_.hosts));
    const std::int64_t seq = admit(host, false);
    // Refills may see the commit before the frontier hears of it.
    ++pushes_;
    at(30, {.kind = Event::Kind::pushed, .host = host, .seq = seq});
  }

  // The store reads what is queued now; the frontier hears of it later.
  void answer(Event event) {
    event.kind = Event::Kind::answer;
    for (const auto& [seq, url] : hosts_.at(event.host).urls) {
      if (seq <= event.request.after_seq || url.state == State::done) continue;
      if (event.urls.size() == event.request.max_urls) {
        event.more = true;
        break;
      }
      const std::int64_t due_ms =
          url.due == Mono::min()
              ? 0
              : std::chrono::duration_cast<Millis>(url.due - Mono{}).count() + 1'000'000;
      event.urls.push_back(queued_url(event.host, seq, due_ms));
    }
    at(pick(0, 50), std::move(event));
  }

  void finish(std::int64_t id, std::int64_t seq) {
    Host& host = hosts_.at(id);
    Url& url = host.urls.at(seq);
    if (--url.attempts_left > 0) {
      url.state = State::queued;
      url.delayed = true;
      ++delayed_;
      url.due = now_ + Millis{pick(0, 2000)};
      frontier_.retry(queued_url(id, seq), url.due);
    } else {
      url.state = State::done;
      ++done_;
    }
    --host.in_flight;
    --in_flight_;
    const bool asked = !chance(10);
    const Mono next_allowed = asked ? now_ + Millis{pick(0, 200)} : Mono::min();
    host.next_allowed = std::max(host.next_allowed, next_allowed);
    frontier_.release(id, next_allowed);
  }

  // Pushes and refills stay within the bound; retries, and one URL of a host that starves, come on
  // top of it.
  void check_memory() {
    ASSERT_LE(frontier_.counts().urls_in_memory,
              setup_.memory_urls + static_cast<std::size_t>(setup_.concurrency + delayed_) + 64);
  }

  Setup setup_;
  std::mt19937 random_;
  Frontier frontier_;
  Mono now_ = at_ms(1000);
  std::multimap<Mono, Event> events_;
  std::map<std::int64_t, Host> hosts_;
  std::int64_t next_seq_ = 1;
  int known_ = 0, planned_ = 0, pushes_ = 0, refills_ = 0, done_ = 0, in_flight_ = 0, doubled_ = 0;
  int delayed_ = 0;  // queued, with a time of their own
};

}  // namespace

TEST(FrontierSimulation, EveryUrlIsFetchedOnceInOrderAndInTime) {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Simulation(seed, {}).run();
    if (HasFatalFailure()) return;
  }
}

TEST(FrontierSimulation, TheSameWithSeveralAtOnceOnAHost) {
  for (unsigned seed = 101; seed <= 130; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Simulation(seed, {.per_host = 3, .window_urls = 5, .start_gap = Millis{40}, .concurrency = 20})
        .run();
    if (HasFatalFailure()) return;
  }
}

TEST(FrontierSimulation, TheSameWithHardlyAnyMemory) {
  for (unsigned seed = 201; seed <= 240; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Simulation(seed, {.window_urls = seed % 2 == 0 ? 1U : 8U,
                      .memory_urls = seed % 3 == 0 ? 1U : 10U,
                      .hosts = 60})
        .run();
    if (HasFatalFailure()) return;
  }
}

TEST(FrontierSimulation, FiftyThousandHostsAreNoBurden) {
  Frontier frontier(1);
  constexpr std::int64_t hosts = 50'000;
  std::int64_t seq = 0;
  for (int round = 0; round < 2; ++round) {
    for (std::int64_t host = 0; host < hosts; ++host)
      frontier.push(host, "h", queued_url(host, ++seq));
  }
  std::int64_t leases = 0;
  Mono now = at_ms(0);
  for (;;) {
    const Acquired acquired = frontier.acquire(now);
    if (const auto* lease = std::get_if<Lease>(&acquired)) {
      ++leases;
      frontier.release(lease->host, now + Millis{1000});
    } else if (const auto* wake = std::get_if<Mono>(&acquired)) {
      now = *wake;
    } else {
      break;
    }
  }
  EXPECT_EQ(leases, 2 * hosts);
  EXPECT_EQ(now, at_ms(1000));
}

}  // namespace trawl::crawl
