// What is still in flight when the run's grace is over stays queued, for the next run. But what one
// run after another would break off at the same place has to end some time, or the others of its
// host never have their turn.
#include "core/base/log.hpp"
#include "core/crawl/engine/shard.hpp"
#include "core/crawl/pages/outgrown.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace trawl::crawl {

// What a limit costs is to be durable, too, before all else is cancelled: as parts of bodies are,
// for which the crawler waits.
void Shard::break_off() {
  const bool leaves = context_.control.reason() == StopReason::limit && gauges_.in_flight > 0;
  if (leaves) leaving_.begin(gauges_.arriving);
  coro::asio::post(loop_.context(), [this, leaves] {
    session_.break_off();
    is_leaving_ = leaves;
    end_leaving();
  });
}

void Shard::end_leaving() {
  if (gauges_.in_flight == 0 && std::exchange(is_leaving_, false)) leaving_.end();
}

// An attempt, where a limit of the run is too small for the URL and nothing that came serves the
// next one. Nothing of the answer is in the record: what was received counts for this run alone.
std::optional<UrlUpdate> Shard::charge(Visit& visit) {
  const CrawlControl& control = context_.control;
  const bool goes_on = visit.part && !visit.began_anew;
  if (control.reason() != StopReason::limit || !session_.is_broken_off() || goes_on ||
      visit.robots.error || !is_idempotent(visit.leased.url.method()))
    return std::nullopt;
  const std::uint64_t answered = visit.response ? visit.response->bytes_wire : 0;
  const FetchShare share{
      .bytes = std::max(visit.bytes_counted, answered),
      .time = std::chrono::duration_cast<Millis>(context_.clock.now() - visit.leased_at)};
  auto why = outgrown(control.limits(), control.detail(), share);
  if (!why) return std::nullopt;
  const int advances = visit.began_anew ? 0 : visit.leased.url.advances;
  const int attempts_max = visit.settings->fetch.attempts;
  const int attempts = std::max(visit.attempts - advances, 1);
  const bool files_may_help = context_.job.output.bodies == BodyMode::warc;
  why->append("; raise the limit");
  if (files_may_help) why->append(", or set output.bodies = \"files\", which continues bodies");
  if (attempts < attempts_max) visit.retry_in = Millis{0};
  if (attempts == 1 || !visit.retry_in)
    log("crawl")->warn("{}: {} (attempt {} of {}, from the start each time)",
                       printable(visit.url.href()), *why, attempts, attempts_max);
  visit.error = Error{Errc::limit, std::move(*why)};
  visit.response.reset();
  UrlUpdate update{.id = visit.leased.url.id, .outcome = make_outcome(visit)};
  update.history = history_after(visit, update.outcome);
  metrics_.note(visit, update.outcome.state);
  if (!visit.retry_in) context_.control.count_error(Errc::limit);
  return update;
}

}  // namespace trawl::crawl
