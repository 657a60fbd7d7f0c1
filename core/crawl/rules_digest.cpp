// As text, since a job has no other form in which all of this can be compared.
#include "core/crawl/rules_digest.hpp"

#include "core/web/digest.hpp"

#include <fmt/format.h>

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

}  // namespace trawl::crawl
