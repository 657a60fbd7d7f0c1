// The explanation for programs: the record's names where the record has them.
#include "core/base/units.hpp"
#include "service/explain/error_advice.hpp"
#include "service/explain/explain.hpp"
#include "service/explain/host_words.hpp"
#include "service/text/json_writer.hpp"

namespace trawl::service {
namespace {

void add_list(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts) {
  json.key(key).begin_array();
  for (const std::string& text : texts) json.text(text);
  json.end_array();
}

void add_time(JsonWriter& json, std::string_view key, const std::optional<Wall>& time) {
  json.key(key);
  time ? json.text(format_rfc3339(*time)) : json.null();
}

template <class T>
void add_integer(JsonWriter& json, std::string_view key, const std::optional<T>& value) {
  json.key(key);
  value ? json.integer(static_cast<std::int64_t>(*value)) : json.null();
}

void add_outcome(JsonWriter& json, const Explanation& facts) {
  const storage::UrlRow& row = *facts.row;
  const crawl::Outcome& o = row.record.outcome;
  add_integer(json, "status", o.status);
  json.key("error").text_or_null(o.error ? to_string(*o.error) : "");
  json.key("error_detail").text_or_null(o.error_detail);
  json.key("meaning").text_or_null(o.error ? advice_for(*o.error).meaning : "");
  json.key("advice").text_or_null(advice_on(facts));
  json.key("depth").integer(row.record.depth).key("attempts").integer(o.attempts);
  add_time(json, "fetched_at", o.fetched_at);
  json.key("redirect_to").text_or_null(o.redirect_to);
  add_list(json, "redirected_from", facts.redirected_from);
  json.key("archive").text_or_null(o.archive ? o.archive->file : "");
  json.key("revisit").text_or_null(crawl::to_string(o.revisit));
  json.key("via").begin_array();
  for (const storage::ViaStep& step : facts.via)
    json.begin_object()
        .key("url")
        .text(step.url)
        .key("depth")
        .integer(step.depth)
        .key("by")
        .text(step.redirected     ? "redirect"
              : step.is_sitemap() ? "sitemap"
                                  : "link")
        .end_object();
  json.end_array().key("via_cut").boolean(facts.via_cut);
  const NextFetch next = next_fetch(facts);
  add_time(json, "not_before", next.not_before);
  json.key("not_before_reason").text_or_null(next.why);
  json.key("queued_before");
  const bool queued = facts.row && facts.row->record.outcome.state == crawl::UrlState::queued;
  facts.host&& queued ? json.count(facts.host->queued_before) : json.null();
  json.key("host_health");
  const auto& health = facts.host ? facts.host->state.health : std::nullopt;
  health ? add_health(json.begin_object(), *health).end_object() : json.null();
}

void add_history(JsonWriter& json, const Explanation& facts) {
  json.key("history");
  if (!facts.history) {
    json.null();
    return;
  }
  const crawl::PageHistory& page = *facts.history;
  json.begin_object().key("fetches").count(page.fetches).key("changes").count(page.changes);
  json.key("unchanged").count(page.unchanged_in_a_row);
  add_time(json, "first_seen", page.first_seen);
  add_time(json, "last_changed", page.last_changed);
  add_time(json, "last_checked", page.last_checked);
  add_time(json, "next_due", page.next_due);
  add_time(json, "gone_since", page.gone_since);
  json.end_object();
}

void add_rules(JsonWriter& json, const Explanation& facts) {
  const RuleFacts& rules = facts.rules;
  json.key("scope").begin_object().key("inside").boolean(rules.verdict.inside);
  json.key("outlink").boolean(rules.outlink);
  json.key("rule").text_or_null(rules.verdict.rule).key("place").text_or_null(rules.place);
  json.key("depth").integer(rules.depth);
  add_integer(json, "max_depth", facts.job.scope.max_depth);
  json.end_object().key("trap").text_or_null(rules.trap.value_or(""));
  json.key("priority").integer(rules.priority);
  json.key("priority_reason").text_or_null(rules.priority_reason);
  json.key("pattern");
  if (!rules.pattern) {
    json.null();
    return;
  }
  const crawl::PatternState& pattern = *rules.pattern;
  json.begin_object().key("shape").text(pattern.shape).key("fetched").count(pattern.fetched);
  json.key("new").count(pattern.fresh).key("excluded").count(pattern.refused);
  json.key("rank").integer(pattern.rank).end_object();
}

void add_robots(JsonWriter& json, const Explanation& facts) {
  const RobotsFacts& robots = facts.robots;
  const bool obey = facts.job.robots.policy == crawl::RobotsPolicy::obey;
  json.key("robots").begin_object().key("origin").text(robots.origin);
  json.key("policy").text(obey ? "obey" : "ignore").key("allowed");
  robots.stored && !robots.unreachable ? json.boolean(robots.verdict.allowed) : json.null();
  std::optional<Wall> fetched;
  if (robots.stored) fetched = Wall{Millis{robots.stored->fetched_ms}};
  add_integer(json, "status", robots.stored ? std::optional{robots.stored->status} : std::nullopt);
  add_time(json, "fetched_at", fetched);
  add_integer(json, "line",
              robots.verdict.line > 0 ? std::optional{robots.verdict.line} : std::nullopt);
  json.key("rule").text_or_null(robots.verdict.rule);
  add_integer(json, "crawl_delay_ms",
              robots.crawl_delay ? std::optional{robots.crawl_delay->count()} : std::nullopt);
  json.end_object();
}

}  // namespace

std::string explanation_json(const Explanation& facts) {
  std::string text;
  JsonWriter json{text};
  json.begin_object().key("asked").text(facts.asked).key("url").text(facts.url);
  add_list(json, "changes", facts.changes);
  json.key("known").boolean(facts.row.has_value());
  json.key("state").text(verdict_word(facts));
  json.key("refusal").text_or_null(facts.refusal);
  json.key("other_form").text_or_null(facts.other_form);
  if (facts.row) {
    add_outcome(json, facts);
    add_history(json, facts);
  }
  if (facts.refusal.empty()) {
    add_rules(json, facts);
    add_robots(json, facts);
  }
  add_list(json, "near", facts.near);
  json.key("note").text_or_null(facts.note).end_object();
  return text + '\n';
}

}  // namespace trawl::service
