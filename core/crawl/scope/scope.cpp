// Each mode turns the seeds into a set of texts, and a URL into the few texts that could be in it,
// so that a check costs the same for one seed and for a million.
#include "core/crawl/scope/scope.hpp"

#include "core/crawl/job/pattern_budget.hpp"
#include "core/web/digest.hpp"
#include "core/web/url/host.hpp"

#include <algorithm>

namespace trawl::crawl {
namespace {

// From a page by its style sheet and what that imports to a font; a chain of imports has an end.
constexpr int requisite_hops_max = 5;

// The path up to its last slash: "/docs/" for "/docs/guide.html" and for "/docs/".
std::string_view directory(std::string_view pathname) {
  return pathname.substr(0, pathname.rfind('/') + 1);
}

}  // namespace

Result<ScopeRules> ScopeRules::create(const ScopeSpec& spec) {
  PatternBudget budget;
  auto include = budget.create(spec.include);
  if (!include) return std::unexpected(std::move(include.error()));
  auto exclude = budget.create(spec.exclude);
  if (!exclude) return std::unexpected(std::move(exclude.error()));
  return ScopeRules{spec.max_depth, *std::move(include), *std::move(exclude)};
}

Result<Scope> Scope::create(const ScopeSpec& spec, const std::vector<web::Url>& seeds) {
  auto rules = ScopeRules::create(spec);
  if (!rules) return std::unexpected(std::move(rules.error()));
  Scope scope;
  scope.mode_ = spec.mode;
  scope.rules_ = *std::move(rules);
  for (const web::Url& seed : seeds) scope.add_seed(seed);
  return scope;
}

bool Scope::add_seed(const web::Url& url) {
  switch (mode_) {
    case ScopeMode::page:
      return seeds_.emplace(url.without_fragment()).second;
    case ScopeMode::prefix:
      return seeds_.insert(std::string(url.host()).append(directory(url.pathname()))).second;
    case ScopeMode::host:
      return seeds_.emplace(url.host()).second;
    case ScopeMode::domain:
      return seeds_.insert(web::registrable_domain(url.hostname())).second;
    case ScopeMode::any:
      break;
  }
  return false;
}

Scope::Verdict Scope::check(const web::Url& url, int depth, bool seed,
                            const ScopeRules& rules) const {
  if (!url.is_http()) return {false, "scheme"};
  if (rules.max_depth && depth > *rules.max_depth) return {false, "depth"};
  if (!in_mode(url)) return {false, std::string(mode_rule())};
  return check_patterns(url, seed, rules);
}

Scope::Verdict Scope::check_outlink(const web::Url& url, int depth, const ScopeRules& rules) {
  if (!url.is_http()) return {false, "scheme"};
  if (rules.max_depth && depth > *rules.max_depth) return {false, "depth"};
  return check_patterns(url, true, rules);
}

Scope::Verdict Scope::check_requisite(const web::Url& url, int depth, const ScopeRules& rules) {
  if (!url.is_http()) return {false, "scheme"};
  if (rules.max_depth && depth > *rules.max_depth + requisite_hops_max) return {false, "depth"};
  return check_patterns(url, true, rules);
}

Scope::Verdict Scope::check_patterns(const web::Url& url, bool seed, const ScopeRules& rules) {
  const std::string_view text = url.without_fragment();
  for (const UrlPattern& pattern : rules.exclude) {
    if (pattern.matches(text)) return {false, "exclude " + pattern.text()};
  }
  // A seed is there because somebody asked for it; what include is to keep is found from it.
  if (rules.include.empty() || seed) return {true, {}};
  const bool included = std::ranges::any_of(
      rules.include, [text](const UrlPattern& pattern) { return pattern.matches(text); });
  if (!included) return {false, "include"};
  return {true, {}};
}

std::uint64_t Scope::print() const {
  auto print = static_cast<std::uint64_t>(mode_);
  for (const std::string& seed : seeds_) print += web::fingerprint(seed);  // in no order
  return print;
}

std::string_view Scope::mode_rule() const {
  switch (mode_) {
    case ScopeMode::page:
      return "mode page";
    case ScopeMode::prefix:
      return "mode prefix";
    case ScopeMode::host:
      return "mode host";
    case ScopeMode::domain:
      return "mode domain";
    case ScopeMode::any:
      break;
  }
  return "mode any";
}

bool Scope::in_mode(const web::Url& url) const {
  switch (mode_) {
    case ScopeMode::page:
      return seeds_.contains(url.without_fragment());
    case ScopeMode::prefix:
      return in_prefix(url);
    case ScopeMode::host:
      return seeds_.contains(url.host());
    case ScopeMode::domain:
      return in_domain(url);
    case ScopeMode::any:
      return true;
  }
  return false;
}

bool Scope::in_prefix(const web::Url& url) const {
  std::string place = std::string(url.host()).append(directory(url.pathname()));
  const std::size_t host_size = url.host().size();
  for (;;) {
    if (seeds_.contains(place)) return true;
    if (place.size() <= host_size + 1) return false;
    place.resize(place.rfind('/', place.size() - 2) + 1);  // one directory up
  }
}

bool Scope::in_domain(const web::Url& url) const {
  // The set answers for most foreign hosts; the public suffix list has the last word, because a
  // seed such as blogspot.com does not own the blogs below it.
  std::string_view suffix = url.hostname();
  while (!seeds_.contains(suffix)) {
    const std::size_t dot = suffix.find('.');
    if (dot == std::string_view::npos) return false;
    suffix.remove_prefix(dot + 1);
  }
  return suffix == url.hostname() || seeds_.contains(web::registrable_domain(url.hostname()));
}

}  // namespace trawl::crawl
