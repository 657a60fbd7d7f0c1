// A chain says by which way a URL was found, and is what limits and loops of redirects are counted
// by. When a seed moves on, the chains behind it are of ways that nobody goes any more; they are
// mended hop by hop, by the shortest way, one hop at a time. A way over the URL itself is none, so
// that comes to an end.
#include "core/crawl/scope/known_hops.hpp"

#include "core/web/digest.hpp"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

namespace trawl::crawl {
namespace {

std::uint64_t print_of(std::span<const std::uint64_t> chain) {
  return web::fingerprint(
      std::string_view{reinterpret_cast<const char*>(chain.data()), chain.size_bytes()});
}

}  // namespace

void KnownHops::note_redirect(const KnownSeed& from, std::uint64_t target) {
  if (ways_.size() == redirects_max || skipped_.contains(target)) return;
  ways_.push_back({target, web::fingerprint(from.url), print_of(from.redirect_chain),
                   from.redirect_chain.size()});
}

// Where nobody leads any more leads nowhere, until the next start says what is left.
void KnownHops::note_row(const KnownSeed& row, bool by_itself) {
  if (!std::exchange(sorted_, true)) std::ranges::sort(ways_);
  const std::uint64_t print = web::fingerprint(row.url);
  const bool has = by_itself || has_way(row, print);
  if (!has) adrift_.insert(print);
  if (!std::ranges::binary_search(ways_, print, {}, &Way::target)) return;
  if (by_itself || (has && !row.left_out && !has_shorter(row, print)))
    settled_.insert(print);
  else
    wanted_[print] = {.chain = row.redirect_chain, .is_hop = true, .left_out = row.left_out};
}

// The one that it has.
bool KnownHops::has_way(const KnownSeed& row, std::uint64_t print) const {
  if (row.redirect_chain.empty()) return false;
  const std::span chain{row.redirect_chain};
  const std::uint64_t way = print_of(chain.first(chain.size() - 1));
  return std::ranges::any_of(
      std::ranges::equal_range(ways_, print, {}, &Way::target),
      [&](const Way& is) { return is.hop == chain.back() && is.chain == way; });
}

bool KnownHops::has_shorter(const KnownSeed& row, std::uint64_t print) const {
  return std::ranges::any_of(
      std::ranges::equal_range(ways_, print, {}, &Way::target),
      [&](const Way& is) { return is.length + 1 < row.redirect_chain.size(); });
}

void KnownHops::begin_offers() {
  for (const Way& way : ways_)
    if (!settled_.contains(way.target)) wanted_.try_emplace(way.target);
  ways_ = {};
}

void KnownHops::offer(const KnownSeed& from, std::uint64_t target) {
  const auto found = wanted_.find(target);
  if (found == wanted_.end() || adrift_.contains(web::fingerprint(from.url))) return;
  auto chain = from.redirect_chain;
  chain.push_back(web::fingerprint(from.url));
  SeedRole& best = found->second.best;
  if (std::ranges::find(chain, target) != chain.end()) return;
  if (best.via && best.redirect_chain.size() <= chain.size()) return;
  best = {from.id, std::move(chain)};
}

SeedRoles KnownHops::take(std::size_t roles_max) {
  SeedRoles roles;
  std::size_t rewritten = 0, others = 0;
  for (auto& [print, url] : wanted_) {
    const bool is_same = url.is_hop && url.best.redirect_chain == url.chain;
    if (!url.best.via || (is_same && !url.left_out)) continue;
    const bool is_rewritten = url.is_hop && !url.left_out;
    if (is_rewritten ? rewritten == 10 * roles_max : others == roles_max) continue;
    ++(is_rewritten ? rewritten : others);
    roles.try_emplace(print, std::move(url.best));
  }
  return roles;
}

}  // namespace trawl::crawl
