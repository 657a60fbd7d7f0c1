#pragma once
// ShardMetrics: what one shard counts; its loop notes, any thread reads.

#include "core/base/metrics.hpp"
#include "core/crawl/engine/crawl_metrics.hpp"
#include "core/crawl/engine/visit.hpp"
#include "core/crawl/state/record.hpp"

#include <array>

namespace trawl::crawl {

class ShardMetrics {
 public:
  ShardMetrics();

  // A visit at its end, before its response is handed on, and what became of its URL.
  void note(const Visit& visit, UrlState state);
  void add_to(CrawlMetrics& metrics) const;

 private:
  void note_answer(const http::Phases& phases);
  void note_phase(FetchPhase phase, Millis took);

  std::array<Counter, fetch_outcomes> fetches_{};
  std::array<Histogram, fetch_phases> phases_;
  Histogram total_;
  Counter received_ = 0;
  Counter sent_ = 0;
};

}  // namespace trawl::crawl
