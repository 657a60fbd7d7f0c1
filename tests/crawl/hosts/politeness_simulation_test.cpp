// Several jobs in one process, in virtual time and driven by a seed: their frontiers share the
// buckets, hosts go down, throttle and come back, breakers open, give up and close again. What the
// servers were promised is checked at every start, and at the end every URL has come to an end.
#include "core/crawl/hosts/frontier.hpp"
#include "core/crawl/hosts/host_health.hpp"
#include "virtual_time.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>

namespace trawl::crawl {
namespace {

constexpr int per_ip = 2;
constexpr int per_domain = 3;
constexpr int attempts_max = 4;
constexpr std::int64_t hosts = 12;

std::string name_of(std::int64_t host) {
  return fmt::format("h{}.d{}.test", host, host % 3);
}
std::string address_of(std::int64_t host) {
  return fmt::format("192.0.2.{}", host % 4);
}

class Simulation {
 public:
  explicit Simulation(unsigned seed) : random_(seed) {
    for (std::int64_t host = 1; host <= hosts; ++host) {
      Server& server = servers_[host];
      const auto kind = pick(1, 4);
      if (kind == 1) server.down = {at_ms(pick(0, 30'000)), at_ms(pick(30'000, 300'000))};
      if (kind == 2) server.down = {at_ms(0), Mono::max()};
      if (kind == 3) server.throttles_percent = static_cast<int>(pick(1, 60));
    }
    for (int i = 0; i < 3; ++i) add_job();
  }

  void run() {
    while (open_urls_ > 0) {
      for (auto& job : jobs_) lease_all(*job);
      if (testing::Test::HasFatalFailure() || open_urls_ == 0) return;
      Mono next = Mono::max();
      if (!ends_.empty()) next = ends_.begin()->first;
      for (auto& job : jobs_) next = std::min(next, job->woken ? now_ : job->wake);
      ASSERT_NE(next, Mono::max()) << "stuck with " << open_urls_ << " URLs at " << ms(now_);
      now_ = std::max(now_, next);
      ASSERT_LT(ms(now_), 24LL * 3'600'000) << "starved";
      while (!ends_.empty() && ends_.begin()->first <= now_) {
        const Fetch fetch = ends_.begin()->second;
        ends_.erase(ends_.begin());
        finish(fetch);
      }
    }
  }

  int leases = 0, given_up = 0, probes = 0, throttled = 0;

 private:
  struct Server {
    std::pair<Mono, Mono> down{Mono::max(), Mono::max()};
    int throttles_percent = 0;
    int in_flight = 0;
    Mono last_end = Mono::min();
    Mono next_allowed = Mono::min();
  };
  struct Job {
    Frontier frontier{1};
    PolitenessSpec politeness;
    std::map<std::int64_t, HostHealth> health;
    std::map<std::int64_t, bool> knows_address;
    bool woken = true;
    Mono wake = Mono::max();
  };
  struct Fetch {
    Job* job;
    QueuedUrl url;
    Mono started;
    bool counted_address;
  };

  static std::int64_t ms(Mono time) {
    return std::chrono::duration_cast<Millis>(time - Mono{}).count();
  }
  std::int64_t pick(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }
  BucketLimits limits_of(const Job& job) const {
    return {.delay = job.politeness.delay,
            .pause_max = job.politeness.delay_max,
            .per_domain = per_domain,
            .per_ip = per_ip};
  }

  void add_job() {
    jobs_.push_back(std::make_unique<Job>());
    Job& job = *jobs_.back();
    job.politeness.delay = Millis{pick(0, 5) * 200};
    job.politeness.adaptive.reset();
    job.politeness.delay_max = Millis{8000};
    job.frontier.share(buckets_, limits_of(job), [&job] { job.woken = true; });
    for (int i = 0; i < 120; ++i) {
      const auto host = pick(1, hosts);
      job.frontier.push(host, name_of(host), queued_url(host, ++seq_));
      ++open_urls_;
    }
  }

  // Only one that was woken, or whose time has come, looks: a wake-up that is lost shows.
  void lease_all(Job& job) {
    if (!job.woken && job.wake > now_) return;
    job.woken = false;
    job.wake = Mono::max();
    for (;;) {
      auto acquired = job.frontier.acquire(now_);
      if (const auto* wake = std::get_if<Mono>(&acquired)) {
        ASSERT_GT(*wake, now_);
        job.wake = *wake;
      }
      auto* lease = std::get_if<Lease>(&acquired);
      if (lease == nullptr) return;
      const HostBreaker& breaker = job.health[lease->host].breaker();
      if (lease->access == HostAccess::given_up) {
        ASSERT_TRUE(breaker.given_up(now_));
        ++given_up;
        --open_urls_;
        job.frontier.release(lease->host, Mono::min());
        continue;
      }
      if (breaker.tripped()) {
        ++probes;
        ASSERT_GE(now_, breaker.open_until());
      }
      start(job, lease->url);
      if (testing::Test::HasFatalFailure()) return;
    }
  }

  void start(Job& job, const QueuedUrl& url) {
    Server& server = servers_[url.id.host];
    ++leases;
    ASSERT_EQ(server.in_flight, 0) << name_of(url.id.host);
    ASSERT_GE(now_, server.next_allowed);
    if (server.last_end != Mono::min()) ASSERT_GE(now_, server.last_end + job.politeness.delay);
    ++server.in_flight;
    const bool counted = job.knows_address[url.id.host];
    if (counted) ASSERT_LE(++at_address_[address_of(url.id.host)], per_ip);
    ASSERT_LT(places_taken(url.id.host % 3), per_domain);
    ++in_domain_[url.id.host % 3];
    ends_.emplace(now_ + Millis{pick(1, 400)}, Fetch{&job, url, now_, counted});
  }

  int places_taken(std::int64_t domain) {
    auto& pauses = domain_pauses_[domain];
    std::erase_if(pauses, [this](Mono end) { return end <= now_; });
    return in_domain_[domain] + static_cast<int>(pauses.size());
  }

  void finish(const Fetch& fetch) {
    Job& job = *fetch.job;
    const std::int64_t host = fetch.url.id.host;
    Server& server = servers_[host];
    FetchReport report;
    std::optional<Error> error;
    if (server.down.first <= now_ && now_ < server.down.second) {
      error = Error{Errc::connect_refused, ""};
    } else {
      report.status = pick(1, 100) <= server.throttles_percent ? 503 : 200;
      if (report.status == 503 && pick(1, 2) == 1) report.retry_after = Millis{pick(0, 20'000)};
      throttled += report.status == 503 ? 1 : 0;
      job.knows_address[host] = true;
      job.frontier.set_address(host, address_of(host), now_);
    }
    HostHealth& health = job.health[host];
    const Mono open_before = health.breaker().open_until();
    const BreakerSpec spec{.failures = 3, .pause = Millis{30'000}};
    const Millis wait = health.on_fetch(job.politeness, spec, report, error, fetch.started, now_);
    end_of_visit(job, fetch.url, report.status != 200);
    if (health.breaker().open_until() != open_before) {
      if (!health.breaker().tripped())
        job.frontier.unblock(host);
      else if (health.breaker().given_up(now_))
        job.frontier.drain(host, health.breaker().open_until());
      else
        job.frontier.block(host, health.breaker().open_until());
    }
    --server.in_flight;
    server.last_end = now_;
    server.next_allowed = std::max(server.next_allowed, now_ + wait);
    if (fetch.counted_address) --at_address_[address_of(host)];
    --in_domain_[host % 3];
    if (wait > Millis{0})
      domain_pauses_[host % 3].push_back(now_ + std::min(wait, job.politeness.delay_max));
    job.frontier.release(host, now_ + wait, wait);
    job.woken = true;
  }

  void end_of_visit(Job& job, QueuedUrl url, bool again) {
    if (!again || ++url.attempts >= attempts_max) {
      --open_urls_;
      return;
    }
    job.frontier.retry(std::move(url), now_ + Millis{pick(0, 5000)});
  }

  std::mt19937 random_;
  PolitenessBuckets buckets_;
  Mono now_ = at_ms(1000);
  std::map<std::int64_t, Server> servers_;
  std::map<std::string, int> at_address_;
  std::map<std::int64_t, int> in_domain_;
  std::map<std::int64_t, std::vector<Mono>> domain_pauses_;
  std::vector<std::unique_ptr<Job>> jobs_;
  std::multimap<Mono, Fetch> ends_;
  std::int64_t seq_ = 0;
  int open_urls_ = 0;
};

}  // namespace

TEST(PolitenessSimulation, NoPromiseIsBrokenAndEveryUrlEnds) {
  int given_up = 0, probes = 0, throttled = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Simulation simulation(seed);
    simulation.run();
    if (HasFatalFailure()) return;
    given_up += simulation.given_up;
    probes += simulation.probes;
    throttled += simulation.throttled;
  }
  // Each of them has happened, or nothing was shown.
  EXPECT_GT(given_up, 100);
  EXPECT_GT(probes, 100);
  EXPECT_GT(throttled, 100);
}

}  // namespace trawl::crawl
