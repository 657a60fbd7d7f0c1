#pragma once
// RecrawlSimulation: months of a job with [recrawl], in virtual time: runs that begin from time to
// time, pages that change at rates of their own, vanish and come back, a sitemap that knows of some
// changes. Decided by the classes that decide it in the crawler: Recrawl, Frontier, and the store's
// rounds over a MemoryStore. A broken rule throws Broken with the seed that replays it.

#include "core/crawl/hosts/frontier.hpp"
#include "core/crawl/pages/recrawl.hpp"
#include "tests/sim/simulation.hpp"
#include "tests/support/memory_store.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace trawl::sim {

struct RecrawlSimSpec {
  std::uint64_t seed = 1;
  std::uint32_t hosts = 6;
  std::uint32_t pages = 60;
  Millis lasts{std::chrono::days{90}};
  Millis run_every{std::chrono::hours{6}};
  crawl::RecrawlInterval interval{std::chrono::hours{12}, std::chrono::days{14}};
  Millis delay{2'000};  // of a host
};

struct RecrawlSimReport {
  std::uint64_t runs = 0, fetches = 0, changes_seen = 0, unchanged = 0;
  std::uint64_t changes = 0;    // that the pages made
  std::uint64_t gone = 0;       // noticed
  std::uint64_t came_back = 0;  // noticed
  std::uint64_t brought_forward = 0;
  Millis quick_interval{0};  // at the end, on average: of pages that change daily or more often
  Millis slow_interval{0};   // of those that never did
};

class RecrawlSimulation {
 public:
  explicit RecrawlSimulation(const RecrawlSimSpec& spec);
  // Throws Broken.
  RecrawlSimReport run();

 private:
  struct Page {
    crawl::UrlId id;
    std::string url;
    Millis changes_every{0};  // on average; 0: never
    std::optional<Millis> fresh_for;
    bool in_sitemap = false;
    Wall changes_next = Wall::max();
    Wall changed_at{};
    std::uint64_t version = 0, seen_version = 0;
    Wall vanishes = Wall::max(), returns = Wall::max();
    std::optional<Wall> visited;
    bool was_gone = false;
  };
  struct Host {
    std::string key;
    Wall free_at{};  // politeness allows the next start
    int in_flight = 0;
  };

  [[noreturn]] void broken(const std::string& what) const;
  void make_web();
  void age(Page& page);
  void begin_run();
  void crawl_to_end(crawl::Frontier& frontier);
  void refill(crawl::Frontier& frontier);
  void visit(crawl::Frontier& frontier, const crawl::QueuedUrl& url);
  crawl::Check look_at(Page& page);
  void check_pages() const;
  void read_sitemap();
  void sum_up();
  crawl::ClockReading now() const { return {Mono{} + now_.time_since_epoch(), now_}; }
  Wall from(Mono time) const { return Wall{} + std::chrono::duration_cast<Millis>(time - Mono{}); }
  Millis about(Millis mean);
  std::uint32_t pick(std::uint32_t below) { return static_cast<std::uint32_t>(random_() % below); }

  RecrawlSimSpec spec_;
  std::mt19937_64 random_;
  crawl::Recrawl recrawl_;
  test::MemoryStore store_;
  std::map<crawl::UrlId, Page> pages_;
  std::map<std::int64_t, Host> hosts_;
  Wall now_{std::chrono::days{20'000}};
  Wall end_;
  RecrawlSimReport report_;
};

}  // namespace trawl::sim
