// Text: "FIRST-END FIRST-END", milliseconds since 1970; an end that is not known yet is left out.
#include "core/crawl/scope/link_times.hpp"

#include "core/web/digest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

namespace trawl::crawl {
namespace {

constexpr std::size_t spans_max = 32;
constexpr std::string_view followed_errors = " errors";
constexpr std::int64_t not_ended = std::numeric_limits<std::int64_t>::max();

std::int64_t to_ms(Wall time) {
  return time.time_since_epoch().count();
}

std::optional<std::int64_t> read_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

// Of what a pattern excluded nobody knows later whether it was a link or something that a page
// shows. Nothing where that makes no difference.
std::string excludes(const JobSpec& job) {
  if (job.scope.requisites != RequisiteScope::any) return {};
  std::string patterns;
  const auto add = [&](const ScopeSpec& scope) {
    for (const std::string& pattern : scope.exclude) patterns.append(pattern).push_back('\0');
  };
  add(job.scope);
  for (const SiteSpec& site : job.sites) {
    JobSpec there;
    for (const SiteValue& value : site.values) value.apply(there);
    add(there.scope);
  }
  return patterns.empty() ? "" : fmt::format(" excludes={:016x}", web::fingerprint(patterns));
}

}  // namespace

// A folder of before [urls] was noted has the beginning alone, and is taken to have no other ones;
// one of before scope.follow_errors was noted had it off, as nearly all do.
std::string link_rules(const JobSpec& job) {
  const UrlSpec& urls = job.urls;
  std::string forms = fmt::format("{} {}", urls.sort_query, urls.max_length);
  for (const auto* names : {&urls.strip_params, &urls.strip_path_params}) {
    forms.push_back('\0');
    for (const std::string& name : *names) forms.append(name).push_back('\0');
  }
  return fmt::format("requisites={} meta={} urls={:016x}{}{}",
                     static_cast<int>(job.scope.requisites), job.robots.meta,
                     web::fingerprint(forms), excludes(job),
                     job.scope.follow_errors ? followed_errors : "");
}

// What more is excluded than before is not looked for.
bool has_other_link_rules(std::string_view before, std::string_view now) {
  const bool errors = before.ends_with(followed_errors),
             errors_now = now.ends_with(followed_errors);
  if (errors) before.remove_suffix(followed_errors.size());
  return (errors_now && !errors) || !now.starts_with(before);
}

LinkTimes LinkTimes::parse(std::string_view text) {
  LinkTimes times;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    const auto dash = word.find('-');
    if (dash == word.npos) continue;
    const auto first = read_number(word.substr(0, dash));
    const auto end = dash + 1 == word.size() ? not_ended : read_number(word.substr(dash + 1));
    if (first && end && *first <= *end) times.spans_.push_back({*first, *end});
  }
  return times;
}

std::string LinkTimes::text() const {
  std::string text;
  for (const Span& span : spans_) {
    text += fmt::format("{}{}-", text.empty() ? "" : " ", span.first_ms);
    if (span.end_ms != not_ended) text += fmt::format("{}", span.end_ms);
  }
  return text;
}

void LinkTimes::open(Wall now) {
  if (!spans_.empty() && spans_.back().end_ms == not_ended) return;
  // Of too many the last two become one: a page too many is fetched whole, and none too few.
  if (spans_.size() == spans_max)
    spans_.back().end_ms = not_ended;
  else
    spans_.push_back({to_ms(now), not_ended});
}

void LinkTimes::close(Wall now) {
  if (spans_.empty() || spans_.back().end_ms != not_ended) return;
  spans_.back().end_ms = std::max(to_ms(now), spans_.back().first_ms);
}

void LinkTimes::all_until(Wall time) {
  spans_ = {{0, to_ms(time)}};
}

bool LinkTimes::covers(Wall time) const {
  const std::int64_t ms = to_ms(time);
  return std::ranges::any_of(
      spans_, [ms](const Span& span) { return span.first_ms <= ms && ms < span.end_ms; });
}

}  // namespace trawl::crawl
