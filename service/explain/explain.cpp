// One paragraph a question, in the order in which a URL meets them; what decided comes first.
#include "service/explain/explain.hpp"

#include "core/base/log.hpp"
#include "core/base/note.hpp"
#include "core/base/units.hpp"
#include "core/crawl/scope/pattern_book.hpp"
#include "core/web/ascii.hpp"
#include "service/explain/error_advice.hpp"
#include "service/explain/host_words.hpp"
#include "service/records/stored_body.hpp"
#include "service/text/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace trawl::service {
namespace {

using crawl::UrlState;

// Lines under labels: the label stands before the first line of its paragraph.
class Paragraphs {
 public:
  void begin(std::string_view label) { label_ = label; }
  void line(std::string_view text) {
    text_ += fmt::format("{:<10} {}\n", label_, text);
    label_ = {};
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  std::string_view label_;
};

std::string ago(Wall time, Wall now) {
  return now < time ? "just now" : human_duration(now - time) + " ago";
}

std::string in_future(Wall time, Wall now) {
  return fmt::format("{} (in {})", format_rfc3339(time), human_duration(time - now));
}

std::string error_words(const crawl::Outcome& outcome) {
  if (!outcome.error) return {};
  std::string text =
      fmt::format("{}: {}", to_string(*outcome.error), advice_for(*outcome.error).meaning);
  if (!outcome.error_detail.empty()) text += fmt::format(" ({})", printable(outcome.error_detail));
  return text;
}

std::string_view reconsidered(Errc excluded_for) {
  if (excluded_for == Errc::forgotten) return "No run fetches it by itself.";
  if (crawl::may_pass(excluded_for))
    return "A run with other rules, or with --again, asks whether that still holds.";
  return crawl::is_refusal(excluded_for)
             ? "A run with other rules judges it again."
             : "Changed rules hold for what is found from then on; to have it reconsidered, "
               "crawl into another folder.";
}

void tell_url(Paragraphs& out, const Explanation& facts) {
  out.begin("URL");
  out.line(shown(facts.url));
  for (const std::string& change : facts.changes) out.line("  " + printable(change));
}

// Whether the record is of a fetch before it was excluded, unasked.
bool is_of_before(const crawl::Outcome& outcome) {
  return outcome.state == UrlState::excluded && outcome.status && outcome.fetched_at &&
         outcome.attempts == 0;
}

std::string excluded_words(const crawl::Outcome& outcome) {
  if (!outcome.status || !outcome.fetched_at) return ": known, and not fetched";
  return fmt::format(" now; {} of {} is kept",
                     has_stored_page(outcome) ? "the page" : "what is known of the answer",
                     format_rfc3339(*outcome.fetched_at));
}

void tell_known(Paragraphs& out, const Explanation& facts) {
  const crawl::Outcome& outcome = facts.row->record.outcome;
  out.begin("state");
  std::string text{to_string(outcome.state)};
  switch (outcome.state) {
    case UrlState::queued:
      text += outcome.attempts == 0 ? ": found, not fetched yet"
                                    : fmt::format(": will be tried again after {}",
                                                  counted(outcome.attempts, "attempt"));
      break;
    case UrlState::fetched:
      text += outcome.status ? fmt::format(": the server answered with status {}", *outcome.status)
                             : ": the server answered";
      break;
    case UrlState::failed:
      text += fmt::format(": no complete answer in {}", counted(outcome.attempts, "attempt"));
      break;
    case UrlState::excluded:
      text += excluded_words(outcome);
      break;
  }
  out.line(text);
  if (!outcome.error) return;
  out.line(error_words(outcome));
  if (const std::string advice = advice_on(facts); !advice.empty()) out.line(advice);
  if (outcome.state == UrlState::excluded && !facts.is_line) out.line(reconsidered(*outcome.error));
}

void tell_unknown(Paragraphs& out, const Explanation& facts) {
  out.begin("state");
  out.line("not known: this crawl has found no such URL in a link that it follows");
  if (!facts.refusal.empty()) {
    out.line("it could not be one either: " + printable(facts.refusal));
    return;
  }
  if (!facts.near.empty()) out.line("near it are:");
  for (const std::string& url : facts.near) out.line("  " + shown(url));
  if (facts.near.empty()) out.line("nor any other URL of its host");
}

void tell_way(Paragraphs& out, const Explanation& facts) {
  const crawl::JobSpec& job = facts.job;
  out.begin("found");
  if (!facts.row->via) {
    const int role = facts.row->sitemap.value_or(0);
    out.line(facts.rules.former_seed ? "as a seed of an earlier run: the job names it no more"
             : role == 0             ? "as a seed"
             : role == 1             ? "as a sitemap of the job (seeds.sitemaps)"
                                     : "as a sitemap that robots.txt names");
  } else {
    const auto& max = job.scope.max_depth;
    const bool listed = !facts.via.empty() && facts.via.back().is_sitemap();
    out.line(fmt::format("{} from {}{}", counted(facts.row->record.depth, "link"),
                         listed ? "what a sitemap lists" : "a seed",
                         max ? fmt::format(", scope.max_depth is {}", *max) : ""));
  }
  for (const storage::ViaStep& step : facts.via)
    out.line(fmt::format("  {} {}{}",
                         step.redirected     ? "redirect of"
                         : step.is_sitemap() ? "listed in the sitemap"
                                             : "link on",
                         shown(step.url), step.depth == 0 && !step.sitemap ? ", a seed" : ""));
  if (facts.via_cut) out.line("  …");
  if (facts.rules.former_seed && facts.row->via)
    out.line("  no longer: it redirects here no more, or the job names it no more");
  for (const std::string& url : facts.redirected_from)
    if (facts.via.empty() || facts.via.front().url != url)
      out.line("  redirected here: " + shown(url));
}

void tell_rules(Paragraphs& out, const Explanation& facts) {
  const RuleFacts& rules = facts.rules;
  out.begin("scope");
  if (facts.job.mode == crawl::JobMode::fetch) {
    out.line("not asked: the job fetches exactly its seeds");
    return;
  }
  const std::string place = rules.place.empty() ? "" : ": " + printable(rules.place);
  const bool excluded = facts.row && facts.row->record.outcome.state == UrlState::excluded;
  if (!facts.other_form.empty())
    out.line("not asked of this spelling: [urls] gives it another form now");
  else if (rules.verdict.inside && rules.outlink)
    out.line("outside, and taken as what a page refers to (scope.outlinks): it leads no further");
  else if (rules.verdict.inside)
    out.line(fmt::format("inside{}", place));
  else
    out.line(fmt::format("outside by the rule \"{}\"{}", printable(rules.verdict.rule), place));
  // The advice on what is excluded has named it.
  if (!facts.other_form.empty() && !excluded)
    out.line(command_for("explain", facts.folder, facts.other_form));
  if (!facts.row) out.line(fmt::format("asked as of a link on a seed (depth {})", rules.depth));
  if (excluded && facts.row->record.outcome.error == Errc::scope && rules.verdict.inside)
    out.line("the job's settings or seeds have changed since it was refused");
  out.begin("trap");
  const bool was_trap = facts.row && facts.row->record.outcome.error == Errc::trap;
  out.line(rules.trap ? fmt::format("taken for one by the rule {}", *rules.trap)
           : was_trap ? "not by its form"
                      : "no");
  if (rules.pattern)
    out.line(fmt::format("of {} like {} {} brought something new; {}",
                         counted(rules.pattern->fetched, "page"), printable(rules.pattern->shape),
                         rules.pattern->fresh, crawl::rank_words(rules.pattern->rank)));
}

// Nothing where nobody speaks of priorities.
void tell_priority(Paragraphs& out, const RuleFacts& rules) {
  if (rules.priority == 0 && rules.priority_reason.empty()) return;
  out.begin("priority");
  const std::string_view words = rules.priority > 0   ? ": before others of its host"
                                 : rules.priority < 0 ? ": after others of its host"
                                                      : "";
  out.line(fmt::format("{}{}", rules.priority, words));
  out.line(printable(rules.priority_reason));
}

void tell_robots(Paragraphs& out, const Explanation& facts) {
  const RobotsFacts& robots = facts.robots;
  out.begin("robots");
  if (facts.job.robots.policy == crawl::RobotsPolicy::ignore) {
    out.line("ignored (robots.policy = \"ignore\")");
  } else if (!robots.stored) {
    out.line(fmt::format("{}/robots.txt has not been fetched yet", shown(robots.origin)));
    return;
  } else if (robots.unreachable) {
    out.line("not now: robots.txt could not be had, and is asked for again");
  } else {
    out.line(robots.verdict.allowed ? "allowed" : "disallowed");
  }
  if (!robots.stored) return;
  if (robots.verdict.line > 0)
    out.line(fmt::format("line {}: {}", robots.verdict.line, printable(robots.verdict.rule)));
  const Wall fetched{Millis{robots.stored->fetched_ms}};
  const bool old = facts.now - fetched >= facts.job.robots.ttl;
  out.line(fmt::format("{}/robots.txt, status {}, fetched {}{}", shown(robots.origin),
                       robots.stored->status, ago(fetched, facts.now),
                       old ? "; older than robots.ttl, so the next run fetches it again" : ""));
  if (robots.crawl_delay)
    out.line(fmt::format("Crawl-delay {}{}", format_duration(*robots.crawl_delay),
                         *robots.crawl_delay > facts.job.politeness.crawl_delay_max
                             ? fmt::format(", held to politeness.crawl_delay_max = {}",
                                           format_duration(facts.job.politeness.crawl_delay_max))
                             : ""));
}

void tell_changes(Paragraphs& out, const crawl::PageHistory& page, Wall now) {
  if (page.fetches < 2) return;
  const std::string changes = page.changes == 0
                                  ? "no change"
                                  : fmt::format("{}, the last {}", counted(page.changes, "change"),
                                                ago(page.last_changed, now));
  out.line(fmt::format("fetched {} since {}: {}", counted(page.fetches, "time"),
                       format_rfc3339(page.first_seen), changes));
  if (page.gone_since) out.line(fmt::format("gone since {}", format_rfc3339(*page.gone_since)));
  if (page.unchanged_in_a_row > 0 && page.changes > 0)
    out.line(fmt::format("{} without a change since",
                         page.unchanged_in_a_row == 1
                             ? "one fetch"
                             : fmt::format("{} fetches", page.unchanged_in_a_row)));
}

void tell_history(Paragraphs& out, const Explanation& facts) {
  const crawl::Outcome& o = facts.row->record.outcome;
  out.begin("history");
  const bool of_before = is_of_before(o);
  out.line(of_before ? "not asked for again: it is excluded now"
                     : counted(static_cast<std::uint64_t>(o.attempts), "attempt"));
  if (o.fetched_at)
    out.line(fmt::format("last fetched {}, {}", format_rfc3339(*o.fetched_at),
                         ago(*o.fetched_at, facts.now)));
  if (o.status)
    out.line(fmt::format("status {}{}{}{}{}", *o.status,
                         o.content_type.empty() ? "" : ", " + printable(o.content_type),
                         of_before ? "" : fmt::format(", {} received", human_bytes(o.bytes_wire)),
                         o.total_ms ? " in " + human_duration(Millis{*o.total_ms}) : "",
                         o.truncated ? ", cut" : ""));
  if (o.revisit == crawl::Revisit::not_modified)
    out.line("unchanged: asked for again, the server said that the page is as it was");
  if (o.revisit == crawl::Revisit::kept && !of_before)
    out.line(has_note(o.note, "other_type")
                 ? "the page is of an earlier fetch: the last one was of a type that fetch.types "
                   "leaves out"
                 : "the page is of an earlier fetch: the last one brought none");
  if (facts.history) tell_changes(out, *facts.history, facts.now);
  if (!o.note.empty()) out.line("noted: " + printable(o.note));
  if (!o.redirect_to.empty()) out.line("redirects to " + shown(o.redirect_to));
}

// How long the queue before it takes at least, when there is something to say.
std::string queue_words(const Explanation& facts) {
  if (!facts.host || facts.host->queued_before == 0) return {};
  const Millis crawl_delay =
      std::min(facts.robots.crawl_delay.value_or(Millis{0}), facts.job.politeness.crawl_delay_max);
  const Millis gap = std::max(facts.job.politeness.delay, crawl_delay);
  const Millis wait = gap * static_cast<std::int64_t>(facts.host->queued_before);
  return fmt::format("{} of its host before it{}", counted(facts.host->queued_before, "URL"),
                     gap > Millis{0} ? fmt::format(", {} at least", human_duration(wait)) : "");
}

// Nothing of a host that is as usual.
void tell_host(Paragraphs& out, const Explanation& facts) {
  if (!facts.host || !facts.host->state.health) return;
  out.begin("host");
  for (const std::string& line : health_lines(*facts.host->state.health, facts.now)) out.line(line);
}

std::string_view next_words(const crawl::Outcome& outcome) {
  const bool excluded = outcome.state == UrlState::excluded && outcome.error;
  if (outcome.state == UrlState::failed)
    return "not again by this job, unless it is run with --retry-failed or --again";
  if (!excluded || crawl::may_pass(*outcome.error))
    return "not again by this job, unless it is run with --again";
  if (outcome.error == Errc::forgotten) return "not again, unless trawl requeue asks for it";
  return crawl::is_refusal(*outcome.error) ? "not by itself; as a seed, when it is found where it "
                                             "may be fetched, or by other rules"
                                           : "not again in this folder, with --again neither";
}

void tell_next(Paragraphs& out, const Explanation& facts) {
  out.begin("next");
  const UrlState state = facts.row->record.outcome.state;
  if (state != UrlState::queued) {
    if (facts.rules.left_out && (state == UrlState::fetched || state == UrlState::failed)) {
      out.line("not again: by the rules of now it is excluded when it is due");
      return;
    }
    if (facts.history && facts.history->next_due) {
      const Wall due = *facts.history->next_due;
      out.line(due > facts.now
                   ? fmt::format("again at {}", in_future(due, facts.now))
                   : fmt::format("again with the next run: due since {}", format_rfc3339(due)));
      return;
    }
    const bool by_urls = !facts.other_form.empty() || !facts.refusal.empty();
    out.line(state == UrlState::excluded && by_urls ? "not as long as [urls] is as it is"
                                                    : next_words(facts.row->record.outcome));
    return;
  }
  if (facts.rules.left_out) {
    out.line("excluded when its turn comes, by the rules of now");
    return;
  }
  const NextFetch next = next_fetch(facts);
  out.line(next.not_before
               ? fmt::format("not before {}: {}", in_future(*next.not_before, facts.now), next.why)
               : "as soon as its turn comes; if no job is running, run it again");
  if (const std::string queue = queue_words(facts); !queue.empty()) out.line(queue);
}

void tell_body(Paragraphs& out, const Explanation& facts) {
  const crawl::Outcome& outcome = facts.row->record.outcome;
  const bool of_before = outcome.state == UrlState::excluded && has_stored_page(outcome);
  if (outcome.state != UrlState::fetched && !of_before) return;
  out.begin("body");
  if (!outcome.archive) {
    out.line("not kept");
    return;
  }
  out.line(fmt::format("{} at {}, {}", printable(outcome.archive->file), outcome.archive->offset,
                       counted(outcome.archive->length, "byte")));
  out.line(command_for("cat", facts.folder, facts.url));
}

}  // namespace

std::string explanation_text(const Explanation& facts) {
  Paragraphs out;
  tell_url(out, facts);
  facts.row ? tell_known(out, facts) : tell_unknown(out, facts);
  if (facts.is_line) return out.take();
  if (facts.row) tell_way(out, facts);
  if (facts.refusal.empty()) {
    tell_rules(out, facts);
    if (facts.job.mode != crawl::JobMode::fetch || facts.row) tell_priority(out, facts.rules);
    tell_robots(out, facts);
  }
  if (facts.row) {
    tell_history(out, facts);
    tell_host(out, facts);
    tell_next(out, facts);
    tell_body(out, facts);
  } else {
    out.begin("next");
    const bool fetched_only = facts.job.mode == crawl::JobMode::fetch;
    out.line(!facts.refusal.empty() ? "found on a page, it would be left out, without a record"
             : verdict_word(facts) == "would_be_excluded" ? "found on a page, it would be excluded"
             : fetched_only ? "never, unless it becomes a seed: the job follows no links"
                            : "found on a page, it would be queued");
  }
  if (!facts.note.empty()) {
    out.begin("note");
    out.line(printable(facts.note));
  }
  return out.take();
}

}  // namespace trawl::service
