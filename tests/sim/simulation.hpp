#pragma once
// Simulation: a crawl of a ModelWeb in virtual time by the classes that decide it: Frontier,
// PolitenessBuckets, Politeness and HostHealth with throttle and breaker, RetryPolicy. The store is
// a model too: URLs reach the frontier late and out of order, refills are answered from a state
// that has passed. What must always hold is checked at each step; a broken rule throws Broken with
// the seed that replays it.

#include "core/crawl/hosts/frontier.hpp"
#include "core/crawl/hosts/host_health.hpp"
#include "core/crawl/hosts/retry.hpp"
#include "core/crawl/job/job.hpp"
#include "tests/sim/model_web.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <memory>
#include <queue>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace trawl::sim {

struct SimSpec {
  WebSpec web;
  std::uint32_t at_once = 500;      // fetches
  std::uint32_t begin_with = 0;     // hosts known at the start; 0: all
  std::size_t memory_urls = 2'000;  // of the frontier
  std::size_t window_urls = 64;
  bool check = true;  // by samples of hosts, whether one is kept waiting without a reason
};

class Broken : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct SimReport {
  std::uint64_t urls = 0, fetched = 0, failed = 0, given_up = 0;
  std::uint64_t starts = 0, retries = 0, refills = 0, probes = 0, samples = 0;
  std::size_t frontier_bytes_max = 0, urls_in_memory_max = 0, hosts_max = 0;
  Millis lasted{0};             // virtual
  Millis half_after{0};         // half of the URLs had come to their end
  Millis longest_ready{0};      // that a host in the line had to wait for a place
  double starts_per_s_max = 0;  // over a minute
};

class Simulation {
 public:
  explicit Simulation(const SimSpec& spec);
  // Throws Broken.
  SimReport run();

 private:
  struct HostState {
    std::uint32_t found = 0;  // pages that are in the store
    std::uint32_t ended = 0;
    std::uint64_t balance = 0;       // a sum over the pages found less one over those that ended
    Mono ready_since = Mono::max();  // could have been fetched from
    std::uint32_t on_the_way = 0;    // published, not pushed yet
    std::uint32_t delayed = 0;       // wait for a retry
    bool in_flight = false;
    bool refilling = false;
    bool knows_address = false;  // the frontier does
    Mono next_allowed = Mono::min();
    Mono blocked_until = Mono::min();
    std::unique_ptr<crawl::HostHealth> health;
  };
  enum class What : std::uint8_t { fetched, pushed, read, refilled };
  struct Event {
    Mono at;
    std::uint64_t order;
    What what;
    std::uint32_t host;
    std::uint32_t page;   // or the first one of a refill
    std::uint32_t count;  // of pages that a refill asks for, or brings; place of a fetch
    bool operator<(const Event& other) const {
      return std::pair(at, order) > std::pair(other.at, other.order);
    }
  };
  struct Fetch {
    crawl::QueuedUrl url;
    Answer answer;
    Mono started;
    bool at_address;  // counts there
  };

  [[noreturn]] void broken(const std::string& what) const;
  void plan(Millis in, What what, std::uint32_t host, std::uint32_t page, std::uint32_t count);
  void discover_host();
  void find_pages(std::uint32_t host, std::uint32_t pages);
  void lease_all();
  void start(crawl::Lease lease);
  void refill(const crawl::RefillRequest& request);
  void happen(const Event& event);
  void finish(std::uint32_t place);
  void end_url(std::uint32_t host, bool fetched);
  void obey_breaker(std::uint32_t host, const crawl::HostBreaker& breaker, Mono before);
  void sample_hosts();
  void note_memory();
  void note_start(HostState& host);
  crawl::QueuedUrl url_of(std::uint32_t host, std::uint32_t page) const;
  std::uint32_t page_of(std::int64_t seq) const;
  std::uint32_t pick(std::uint32_t below) { return static_cast<std::uint32_t>(random_() % below); }

  SimSpec spec_;
  ModelWeb web_;
  std::mt19937_64 random_;
  crawl::PolitenessSpec politeness_;
  crawl::FetchSpec fetch_;
  crawl::RetryPolicy retry_;
  crawl::PolitenessBuckets buckets_;
  crawl::Frontier frontier_;
  Mono now_ = Mono{} + Millis{1};
  Mono wake_ = Mono::max();
  std::uint64_t order_ = 0;
  std::priority_queue<Event> events_;
  std::vector<HostState> hosts_;
  std::vector<Fetch> fetches_;
  std::vector<std::uint32_t> free_;  // places of fetches_
  boost::unordered_flat_map<std::uint32_t, int> at_address_;
  std::uint32_t known_hosts_ = 0, in_flight_ = 0, refilling_ = 0;
  std::uint64_t delayed_ = 0, known_urls_ = 0;
  std::uint64_t minute_starts_ = 0;
  Mono minute_ = Mono{};
  SimReport report_;
};

}  // namespace trawl::sim
