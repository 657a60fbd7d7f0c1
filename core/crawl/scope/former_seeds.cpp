// A record has the last answer alone, and the chain of redirects by which a URL was found first. A
// seed that fails, or is gone, says nothing of where it redirects: what it led to is taken from
// those chains then, and from what was noted of its last redirect at the starts since.
#include "core/crawl/scope/former_seeds.hpp"

#include "core/web/digest.hpp"
#include "core/web/url/host.hpp"
#include "core/web/url/url.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace trawl::crawl {
namespace {

// Pages that a sitemap lists are at depth 0, too, and define nothing.
bool may_define_scope(const KnownSeed& seed) {
  return !seed.sitemap || seed.sitemap == 1;
}

// Which is the same over http and https, and with another query.
std::uint64_t place_of(std::string_view text) {
  const auto url = web::Url::parse(text);
  return url ? web::fingerprint(web::host_key(*url).append(url->pathname())) : 0;
}

}  // namespace

FormerSeeds FormerSeeds::parse(const std::map<std::string, std::string>& texts) {
  const auto text = [&texts](const char* key) {
    const auto found = texts.find(key);
    return found == texts.end() ? std::string{} : found->second;
  };
  FormerSeeds seeds;
  seeds.named_ = NamedSeeds::parse(text(NamedSeeds::named_key), text(NamedSeeds::former_key));
  seeds.left_ = read_print_set(text(left_key));
  seeds.asked_ = read_print_set(text(asked_key));
  seeds.last_ = read_print_pairs(text(redirects_key));
  return seeds;
}

std::map<std::string, std::string> FormerSeeds::texts() const {
  return {{NamedSeeds::named_key, named_.named_text()},
          {NamedSeeds::former_key, named_.former_text()},
          {left_key, print_set_text(left_)},
          {asked_key, print_set_text(asked_)},
          {redirects_key, print_pairs_text(last_)}};
}

void FormerSeeds::note_target(const KnownSeed& seed) {
  any_redirects_ |= !seed.redirect_to.empty();
  if (seed.redirect_chain.empty() || !may_define_scope(seed) || steps_.size() > targets_max) return;
  const std::uint64_t print = web::fingerprint(seed.url);
  steps_.push_back({seed.redirect_chain.back(), print, place_of(seed.url)});
  targets_.insert(print);
}

void FormerSeeds::note_hop(const KnownSeed& seed, const Canonical& canonical) {
  if (!may_define_scope(seed)) return;
  if (!std::exchange(sorted_, true)) std::ranges::sort(steps_);
  const std::uint64_t print = web::fingerprint(seed.url);
  seen_hops_.insert(print);
  const bool by_itself = seed.redirect_chain.empty() && !named_.is_former(print);
  const bool is_root = named_.names(print) || asked_.contains(print) || by_itself;
  if (!is_root) candidates_.push_back(print);
  // Its other form stands for it by now, and has an answer of its own.
  if (canonical.url && *canonical.url != print) return;
  if (canonical.excluded && !is_root) {
    excluded_.insert(print);
    return;
  }
  for (const std::uint64_t to : leads_to(seed, print, canonical)) {
    if (!targets_.contains(to) && !named_.is_former(to)) continue;
    if (is_root)
      reached_.push_back(to);
    else
      redirects_.emplace_back(print, to);
  }
}

// Of a redirect to a place that it had led to before, all that it led to there: one may be in
// another form, or asked over https.
std::vector<std::uint64_t> FormerSeeds::leads_to(const KnownSeed& seed, std::uint64_t print,
                                                 const Canonical& canonical) {
  std::vector<std::uint64_t> targets;
  const bool redirects = !seed.redirect_to.empty();
  if (!redirects && seed.is_page) return targets;
  if (redirects) targets.push_back(web::fingerprint(seed.redirect_to));
  if (redirects && canonical.redirect_to) targets.push_back(*canonical.redirect_to);
  if (!redirects)
    for (const auto& [hop, target] : std::ranges::equal_range(last_, print, {}, &PrintPair::first))
      targets.push_back(target);
  for (const std::uint64_t to : targets)
    if (targets_.contains(to) || named_.names(to) || named_.is_former(to))
      (redirects ? now_ : still_).emplace_back(print, to);
  const auto first = std::ranges::lower_bound(steps_, print, {}, &Step::hop);
  const std::uint64_t place = redirects ? place_of(seed.redirect_to) : 0;
  for (auto at = first; at != steps_.end() && at->hop == print; ++at)
    if (redirects ? at->place == place : !left_.contains(at->target)) targets.push_back(at->target);
  return targets;
}

bool FormerSeeds::settle() {
  for (const Step& step : steps_)
    if (!seen_hops_.contains(step.hop)) reached_.push_back(step.target);
  const bool too_many = steps_.size() > targets_max;
  std::ranges::sort(redirects_);
  PrintSet seeds;
  while (!reached_.empty()) {
    const std::uint64_t print = reached_.back();
    reached_.pop_back();
    if (excluded_.contains(print) || !seeds.insert(print).second) continue;
    const auto first = std::ranges::lower_bound(redirects_, std::pair{print, std::uint64_t{0}});
    for (auto at = first; at != redirects_.end() && at->first == print; ++at)
      reached_.push_back(at->second);
  }
  const PrintSet before = std::exchange(left_, {});
  for (const std::uint64_t print : candidates_)
    if (!seeds.contains(print) && (!too_many || named_.is_former(print))) left_.insert(print);
  std::ranges::copy(now_, std::back_inserter(still_));
  if (still_.size() > redirects_max) still_.resize(redirects_max);
  std::ranges::sort(still_);
  still_.erase(std::ranges::unique(still_).begin(), still_.end());
  if (!seen_hops_.empty()) last_ = std::exchange(still_, {});
  steps_ = {};
  targets_ = seen_hops_ = excluded_ = {};
  candidates_ = reached_ = {};
  redirects_ = now_ = {};
  return std::ranges::any_of(before, [this](auto print) { return !left_.contains(print); });
}

bool FormerSeeds::take_back(std::uint64_t url) {
  const bool was_named = named_.take_back(url);
  if (left_.erase(url) == 0) return was_named;
  if (asked_.size() < asked_max) asked_.insert(url);
  return true;
}

}  // namespace trawl::crawl
