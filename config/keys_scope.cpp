// [scope] and [limits]: which URLs belong to the job, and when it is enough.
#include "config/check.hpp"
#include "config/key.hpp"

namespace trawl::config {
namespace {

using crawl::JobSpec;
using crawl::LimitSpec;

constexpr std::uint64_t bandwidth_min = 1024;
constexpr std::uint64_t memory_bytes_min = 64 << 20;  // less than that the program itself needs

void add_limit_keys(std::vector<Key>& keys) {
  keys.push_back(make_key("limits.pages", "Stop after this many fetched URLs.",
                          or_off(Count{.min = 1}), &JobSpec::limits, &LimitSpec::pages));
  keys.push_back(
      make_key("limits.bytes",
               "Stop after this much has been received; what is under way has `job.grace` to end.",
               or_off(Bytes{}), &JobSpec::limits, &LimitSpec::bytes));
  keys.push_back(
      make_key("limits.bandwidth", "Receive bodies no faster than this, all hosts together.",
               or_off(Speed{.min = bandwidth_min}), &JobSpec::limits, &LimitSpec::bandwidth));
  keys.push_back(make_key("limits.duration", "Stop after this time.",
                          or_off(Duration{.min = Millis{1}}), &JobSpec::limits,
                          &LimitSpec::duration));
  keys.push_back(make_key(
      "limits.pages_per_host",
      "Fetch at most this many URLs of one host; its others are excluded, and the run goes on.",
      or_off(Count{.min = 1}), &JobSpec::limits, &LimitSpec::pages_per_host));
  keys.push_back(
      make_key("limits.memory", "Memory of the job; near it caches shrink and fewer fetches run.",
               or_off(Bytes{.min = memory_bytes_min}), &JobSpec::limits, &LimitSpec::memory_bytes));
  keys.push_back(make_key("limits.min_free_disk",
                          "Pause while the output folder's disk has less free space than this.",
                          or_off(Bytes{}), &JobSpec::limits, &LimitSpec::min_free_disk_bytes));
}

}  // namespace

void add_scope_keys(std::vector<Key>& keys) {
  using crawl::ScopeMode;
  using crawl::ScopeSpec;
  keys.push_back(make_key(
      "scope.mode",
      "How far links are followed from a seed: `\"page\"` (the seed alone), "
      "`\"prefix\"` (its folder), `\"host\"`, `\"domain\"` (all hosts of the registrable domain), "
      "`\"any\"`.",
      Choice<ScopeMode>{{{"page", ScopeMode::page},
                         {"prefix", ScopeMode::prefix},
                         {"host", ScopeMode::host},
                         {"domain", ScopeMode::domain},
                         {"any", ScopeMode::any}}},
      &JobSpec::scope, &ScopeSpec::mode));
  using crawl::RequisiteScope;
  keys.push_back(make_key(
      "scope.requisites",
      "Images, style sheets, scripts, fonts and media that pages within the scope show: "
      "`\"scope\"` asks them what links are asked, `\"any\"` takes them from wherever they are, "
      "but for `scope.exclude`; `\"none\"` leaves them out.",
      Choice<RequisiteScope>{{{"none", RequisiteScope::none},
                              {"scope", RequisiteScope::scope},
                              {"any", RequisiteScope::any}}},
      &JobSpec::scope, &ScopeSpec::requisites));
  keys.push_back(
      make_key("scope.outlinks",
               "What pages within the scope refer to outside of `scope.mode` is fetched, "
               "too, but for `scope.exclude`, and leads no further.",
               Flag{}, &JobSpec::scope, &ScopeSpec::outlinks));
  keys.push_back(make_key("scope.follow_errors",
                          "The links of pages that came with 4xx or 5xx are followed, too; else "
                          "only what they show.",
                          Flag{}, &JobSpec::scope, &ScopeSpec::follow_errors));
  keys.push_back(make_key("scope.include",
                          "Patterns on the whole URL: globs, or regular expressions after `re:`. "
                          "With any, a URL must match one.",
                          TextList{check_pattern}, &JobSpec::scope, &ScopeSpec::include));
  keys.push_back(make_key("scope.exclude", "Patterns of URLs to leave out; they win over include.",
                          TextList{check_pattern}, &JobSpec::scope, &ScopeSpec::exclude));
  keys.push_back(make_key("scope.max_depth", "Links away from a seed; a seed has depth 0.",
                          or_off(Count{.max = 1'000'000}), &JobSpec::scope, &ScopeSpec::max_depth));
  add_limit_keys(keys);
}

}  // namespace trawl::config
