// A response has the times since the fetch began; a histogram wants what each phase took by itself.
#include "core/crawl/engine/shard_metrics.hpp"

#include <algorithm>
#include <chrono>

namespace trawl::crawl {
namespace {

double seconds(Millis time) {
  return std::chrono::duration<double>(time).count();
}

FetchOutcome outcome_of(const Visit& visit, UrlState state) {
  if (state == UrlState::queued) return FetchOutcome::retried;
  if (state == UrlState::excluded) return FetchOutcome::excluded;
  if (state == UrlState::failed || !visit.response) return FetchOutcome::failed;
  const int kind = visit.response->status / 100;
  return kind >= 1 && kind <= 5 ? static_cast<FetchOutcome>(kind - 1) : FetchOutcome::status_other;
}

}  // namespace

std::string_view to_string(FetchOutcome outcome) {
  constexpr std::array<std::string_view, fetch_outcomes> names{
      "1xx", "2xx", "3xx", "4xx", "5xx", "other", "failed", "retried", "excluded"};
  return names[static_cast<std::size_t>(outcome)];
}

std::string_view to_string(FetchPhase phase) {
  constexpr std::array<std::string_view, fetch_phases> names{"dns", "connect", "tls", "ttfb"};
  return names[static_cast<std::size_t>(phase)];
}

ShardMetrics::ShardMetrics()
    : phases_{Histogram{network_seconds()}, Histogram{network_seconds()},
              Histogram{network_seconds()}, Histogram{network_seconds()}},
      total_(network_seconds()) {}

void ShardMetrics::note(const Visit& visit, UrlState state) {
  count(fetches_[static_cast<std::size_t>(outcome_of(visit, state))]);
  if (!visit.response) return;
  const auto& request = visit.leased.url.request;
  count(sent_, visit.response->request_head.size() + (request ? request->body.size() : 0));
  count(received_, visit.response->bytes_wire);
  note_answer(visit.response->phases);
}

void ShardMetrics::note_answer(const http::Phases& phases) {
  const Millis ready = std::max({phases.dns, phases.connect, phases.tls});
  note_phase(FetchPhase::dns, phases.dns);
  note_phase(FetchPhase::connect, phases.connect - phases.dns);
  if (phases.tls > Millis{0})
    note_phase(FetchPhase::tls, phases.tls - std::max(phases.dns, phases.connect));
  phases_[static_cast<std::size_t>(FetchPhase::first_byte)].note(
      seconds(std::max(phases.first_byte - ready, Millis{0})));
  total_.note(seconds(phases.total));
}

// Zero is of what did not happen: a name or a connection that was there already.
void ShardMetrics::note_phase(FetchPhase phase, Millis took) {
  if (took > Millis{0}) phases_[static_cast<std::size_t>(phase)].note(seconds(took));
}

void ShardMetrics::add_to(CrawlMetrics& metrics) const {
  for (std::size_t i = 0; i < fetch_outcomes; ++i)
    metrics.fetches[i] += fetches_[i].load(std::memory_order_relaxed);
  for (std::size_t i = 0; i < fetch_phases; ++i) metrics.phase_seconds[i].add(phases_[i].values());
  metrics.fetch_seconds.add(total_.values());
  metrics.bytes_received += received_.load(std::memory_order_relaxed);
  metrics.bytes_sent += sent_.load(std::memory_order_relaxed);
}

}  // namespace trawl::crawl
