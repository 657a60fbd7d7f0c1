// As text, since a job has no other form in which all of this can be compared.
#include "core/crawl/job/rules_digest.hpp"

#include "core/web/digest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace trawl::crawl {
namespace {

class Text {
 public:
  void add(std::string_view value) { text_.append(value).push_back('\0'); }
  void add(const std::vector<std::string>& values) {
    add(fmt::to_string(values.size()));
    for (const std::string& value : values) add(value);
  }
  template <class T>
  void add(const std::optional<T>& value) {
    add(value ? fmt::to_string(*value) : std::string{});
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

void add_scope(Text& text, const JobSpec& job) {
  text.add(fmt::format("{} {} {} {}", static_cast<int>(job.scope.mode),
                       static_cast<int>(job.scope.requisites), job.urls.sort_query,
                       job.urls.max_length));
  if (job.scope.outlinks) text.add("outlinks");
  text.add(job.scope.include);
  text.add(job.scope.exclude);
  text.add(job.scope.max_depth);
  text.add(job.urls.strip_params);
  text.add(job.urls.strip_path_params);
  text.add(job.urls.max_segment_repeats);
  text.add(job.urls.calendar_years);
  text.add(job.urls.pattern_budget);
}

void add_passing(Text& text, const JobSpec& job) {
  text.add(fmt::to_string(static_cast<int>(job.robots.policy)));
  text.add(job.limits.pages_per_host);
  text.add(job.fetch.allow_private_networks);
}

// With what holds for the hosts of each site.
std::string digest_of(Text text, const JobSpec& job, void (*add)(Text&, const JobSpec&)) {
  add(text, job);
  for (const SiteSpec& site : job.sites) {
    text.add(site.match);
    JobSpec there = job;
    for (const SiteValue& value : site.values) value.apply(there);
    add(text, there);
  }
  return fmt::format("{:016x}", web::fingerprint(text.text()));
}

using Limits = std::map<std::string_view, std::uint64_t>;  // by site; "": the job's

// Of text that body_limits() did not write: none.
Limits read_limits(std::string_view text) {
  Limits limits;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto space = std::min(line.find(' '), line.size());
    std::uint64_t bytes = std::numeric_limits<std::uint64_t>::max();
    if (line != "-" && !line.starts_with("- ")) {
      const auto [end, error] = std::from_chars(line.data(), line.data() + space, bytes);
      if (error != std::errc{} || end != line.data() + space) return {};
    }
    limits.insert_or_assign(space < line.size() ? line.substr(space + 1) : std::string_view{},
                            bytes);
  }
  return limits;
}

}  // namespace

std::string rules_digest(const JobSpec& job) {
  Text text;
  text.add(job.seeds.urls);
  return digest_of(std::move(text), job, &add_scope);
}

std::string passing_rules_digest(const JobSpec& job) {
  Text text;
  text.add(user_agent(job));
  return digest_of(std::move(text), job, &add_passing);
}

std::string body_limits(const JobSpec& job) {
  const auto text_of = [](const JobSpec& there) {
    const auto& limit = there.fetch.max_body_bytes;
    return limit ? fmt::to_string(*limit) : std::string{"-"};
  };
  std::string text = text_of(job) + "\n";
  for (const SiteSpec& site : job.sites) {
    JobSpec there = job;
    for (const SiteValue& value : site.values) value.apply(there);
    for (const std::string& match : site.match)
      text += fmt::format("{} {}\n", text_of(there), match);
  }
  return text;
}

// What is said of no site is that of the job, which comes first.
bool has_higher_limit(std::string_view before, std::string_view now) {
  const Limits old = read_limits(before), given = read_limits(now);
  const auto limit_of = [](const Limits& limits, std::string_view site) {
    const auto found = limits.find(site);
    return found != limits.end() ? found->second : limits.at({});
  };
  if (!old.contains({}) || !given.contains({})) return false;
  return std::ranges::any_of(
             given, [&](const auto& entry) { return entry.second > limit_of(old, entry.first); }) ||
         std::ranges::any_of(
             old, [&](const auto& entry) { return limit_of(given, entry.first) > entry.second; });
}

}  // namespace trawl::crawl
