// What text and JSON say alike: when a URL's turn comes, the verdict in a word, and the advice.
#include "core/base/log.hpp"
#include "core/web/ascii.hpp"
#include "service/explain/error_advice.hpp"
#include "service/explain/explain.hpp"
#include "service/explain/host_words.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trawl::service {

using crawl::UrlState;

namespace {

constexpr std::size_t url_bytes_shown_max = 2048;

// For a command that is pasted into a shell.
std::string shell_word(const std::string& text) {
  constexpr std::string_view plain = "-./:_%+,@=~";
  const bool safe = std::ranges::all_of(
      text, [plain](char c) { return web::ascii::is_alnum(c) || plain.contains(c); });
  if (safe && !text.starts_with('~')) return text;
  std::string quoted = "'";
  for (const char c : text)
    if (c == '\'')
      quoted += "'\\''";
    else
      quoted += c;
  return quoted + "'";
}

}  // namespace

std::string shown(std::string_view text) {
  return printable(text, url_bytes_shown_max);
}

std::string command_for(std::string_view command, const std::string& folder, std::string_view url) {
  return fmt::format("trawl {} {} {}", command, shell_word(printable(folder)),
                     shell_word(shown(url)));
}

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

std::string advice_on(const Explanation& facts) {
  if (!facts.row || !facts.row->record.outcome.error) return {};
  const crawl::Outcome& outcome = facts.row->record.outcome;
  const bool refused = outcome.state == UrlState::excluded && crawl::is_refusal(*outcome.error);
  if (refused && !facts.other_form.empty())
    return "By [urls] it has another form now, which is judged in its place: " +
           command_for("explain", facts.folder, facts.other_form);
  // Neither a wider scope nor a seed of this name would help.
  if (refused && !facts.is_line && !facts.refusal.empty())
    return fmt::format("By [urls] it can be no URL of the crawl now: {}.",
                       printable(facts.refusal));
  if (refused && outcome.error == Errc::scope && facts.rules.verdict.inside &&
      facts.job.mode != crawl::JobMode::fetch)
    return {};  // it is inside by now
  return std::string{advice_for(*outcome.error).advice};
}

}  // namespace trawl::service
