#pragma once
// Scope: which URLs belong to the job. The rules, in the order in which they are asked, are in
// docs/scope.md; the name of the first that says no is kept in the URL's record.

#include "core/base/result.hpp"
#include "core/crawl/job/job.hpp"
#include "core/crawl/job/url_pattern.hpp"
#include "core/web/url/url.hpp"

#include <boost/unordered/unordered_flat_set.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::crawl {

// What the scope has besides its mode; a [[site]] may have others than the job.
struct ScopeRules {
  std::optional<int> max_depth;
  std::vector<UrlPattern> include;
  std::vector<UrlPattern> exclude;

  // Errors: Errc::config for an invalid pattern, and for more than a PatternBudget has room for.
  static Result<ScopeRules> create(const ScopeSpec& spec);
};

class Scope {
 public:
  struct Verdict {
    bool inside = false;
    std::string
        rule;  // empty when inside; "scheme", "depth", "exclude PATTERN", "mode host", "include"
    bool operator==(const Verdict&) const = default;
  };

  // Errors: Errc::config for an invalid pattern. seeds: as for add_seed().
  static Result<Scope> create(const ScopeSpec& spec, const std::vector<web::Url>& seeds = {});

  // Seeds define what page, prefix, host and domain mean. A canonical http(s) URL; not while
  // another thread calls check(). Also for the target of a seed's redirect, where that should widen
  // the scope. Whether it is wider now.
  bool add_seed(const web::Url& url);

  // include, exclude and max_depth from now on; not while another thread calls check().
  void set_rules(ScopeRules rules) { rules_ = std::move(rules); }
  const ScopeRules& rules() const { return rules_; }
  // What include and exclude alone say. seed: somebody asked for it.
  static Verdict check_patterns(const web::Url& url, bool seed, const ScopeRules& rules);

  // url: canonical. depth: 0 for seeds. Any thread.
  Verdict check(const web::Url& url, int depth) const { return check(url, depth, rules_); }
  // The same for what is as deep as a seed without being one: the entry of a sitemap.
  Verdict check_listed(const web::Url& url, int depth) const {
    return check_listed(url, depth, rules_);
  }
  // The same for what a page shows, wherever it is: only exclude has a say, and max_depth a few
  // links later.
  static Verdict check_requisite(const web::Url& url, int depth, const ScopeRules& rules);
  // The same for what the mode leaves out and a page of it refers to, with scope.outlinks.
  static Verdict check_outlink(const web::Url& url, int depth, const ScopeRules& rules);
  // Of mode and seeds: another one, where others are within the mode.
  std::uint64_t print() const;
  // What the mode alone says, and its name as a rule.
  bool in_mode(const web::Url& url) const;
  std::string_view mode_rule() const;
  // All with the rules that hold for the URL's host instead of the job's.
  Verdict check(const web::Url& url, int depth, const ScopeRules& rules) const {
    return check(url, depth, depth == 0, rules);
  }
  Verdict check_listed(const web::Url& url, int depth, const ScopeRules& rules) const {
    return check(url, depth, false, rules);
  }

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  using TextSet = boost::unordered_flat_set<std::string, TextHash, std::equal_to<>>;

  Scope() = default;
  Verdict check(const web::Url& url, int depth, bool seed, const ScopeRules& rules) const;
  bool in_prefix(const web::Url& url) const;
  bool in_domain(const web::Url& url) const;

  // Constant after create().
  ScopeMode mode_ = ScopeMode::host;
  ScopeRules rules_;

  // What the seeds stand for: URLs (page), host and directory (prefix), hosts, or domains.
  TextSet seeds_;
};

}  // namespace trawl::crawl
