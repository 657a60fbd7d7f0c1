// What text and JSON say alike: when a URL's turn comes, and the verdict in a word.
#include "service/explain.hpp"
#include "service/host_words.hpp"

#include <fmt/format.h>

namespace trawl::service {

using crawl::UrlState;

NextFetch next_fetch(const Explanation& facts) {
  NextFetch next;
  if (!facts.row || facts.row->record.outcome.state != UrlState::queued) return next;
  const Wall due{Millis{facts.row->due_ms}};
  if (due > facts.now)
    next = {due, fmt::format("the wait after attempt {}", facts.row->record.outcome.attempts)};
  if (!facts.host) return next;
  const Wall host{Millis{facts.host->state.next_fetch_ms}};
  const auto& health = facts.host->state.health;
  const auto later = [&](Wall time) {
    return time > facts.now && (!next.not_before || time > *next.not_before);
  };
  if (later(host))
    next = {host, health && health->interval > Millis{0}
                      ? "its host is overloaded and left alone until then"
                      : "its host is left alone until then"};
  if (facts.hold && !facts.hold->until && !next.not_before) next.why = facts.hold->why;
  // The same time may come out a little later by the run's clock.
  constexpr Millis same{1'000};
  if (facts.hold && facts.hold->until &&
      later(*facts.hold->until - (next.not_before ? same : Millis{0})))
    next = {*facts.hold->until, std::string{facts.hold->why}};
  if (!health || health->open_until_ms == 0 || is_given_up(*health)) return next;
  if (const Wall open{Millis{health->open_until_ms}}; later(open))
    next = {open, "the breaker of its host is open until then"};
  return next;
}

std::string verdict_word(const Explanation& facts) {
  if (facts.row) return std::string{to_string(facts.row->record.outcome.state)};
  const bool robots = facts.job.robots.policy == crawl::RobotsPolicy::obey && facts.robots.stored &&
                      !facts.robots.verdict.allowed;
  const bool excluded =
      !facts.refusal.empty() || facts.rules.trap || !facts.rules.verdict.inside || robots;
  return excluded ? "would_be_excluded" : "would_be_queued";
}

}  // namespace trawl::service
