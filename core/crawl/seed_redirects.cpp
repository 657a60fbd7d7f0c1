// A record has the last answer alone, so that a redirect has ended is kept until it is seen again:
// in between the hop may fail, or be gone, which says nothing of where it led.
#include "core/crawl/seed_redirects.hpp"

#include "core/web/digest.hpp"

#include <algorithm>
#include <utility>

namespace trawl::crawl {
namespace {

std::uint64_t step(std::uint64_t hop, std::uint64_t target) {
  constexpr std::uint64_t odd = 0x9E37'79B9'7F4A'7C15;  // or else "a to b" would be "b to a"
  return (hop * odd) ^ target;
}

// The chain's steps up to the URL, until `visit` says yes.
bool any_step(std::uint64_t url, std::span<const std::uint64_t> chain, const auto& visit) {
  for (std::size_t i = 0; i < chain.size(); ++i)
    if (visit(chain[i], i + 1 < chain.size() ? chain[i + 1] : url)) return true;
  return false;
}

}  // namespace

SeedRedirects SeedRedirects::parse(std::string_view ended, std::string_view asked) {
  SeedRedirects redirects;
  redirects.ended_ = read_print_set(ended);
  redirects.asked_ = read_print_set(asked);
  return redirects;
}

void SeedRedirects::note_target(const KnownSeed& seed) {
  if (seed.redirect_chain.empty() || are_too_many()) return;
  const std::uint64_t print = web::fingerprint(seed.url);
  targets_.insert(print);
  any_step(print, seed.redirect_chain, [this](std::uint64_t hop, std::uint64_t target) {
    auto& known = hops_[hop];
    if (std::ranges::find(known, target) == known.end()) known.push_back(target);
    return false;
  });
}

// That it redirects to what isn't known as a target of its says nothing: a URL may have another
// form by now.
void SeedRedirects::note_hop(const KnownSeed& seed, std::optional<std::uint64_t> to) {
  const std::uint64_t hop = web::fingerprint(seed.url);
  const auto found = hops_.find(hop);
  if (found == hops_.end()) return;
  const auto& targets = found->second;
  const bool elsewhere = to && std::ranges::find(targets, *to) != targets.end();
  for (const std::uint64_t target : targets) {
    if (to == target) continue;
    const std::uint64_t print = step(hop, target);
    if (elsewhere || seed.is_page || ended_.contains(print)) ending_.insert(print);
  }
}

bool SeedRedirects::begin() {
  hops_.clear();
  const PrintSet before = std::exchange(ended_, std::exchange(ending_, {}));
  return std::ranges::any_of(before, [this](auto print) { return !ended_.contains(print); });
}

void SeedRedirects::note_redirect(std::uint64_t hop, std::uint64_t target) {
  ended_.erase(step(hop, target));
  if (!are_too_many()) targets_.insert(target);
}

bool SeedRedirects::ask_for(std::uint64_t url) {
  return targets_.contains(url) && !are_too_many() && asked_.insert(url).second;
}

bool SeedRedirects::is_over(std::uint64_t url, std::span<const std::uint64_t> chain) const {
  return !are_too_many() && any_step(url, chain, [this](std::uint64_t hop, std::uint64_t target) {
    return ended_.contains(step(hop, target));
  });
}

}  // namespace trawl::crawl
