// A chain says by which way a URL was found, and is what limits and loops of redirects are counted
// by. When a seed moves on, the chains behind it are of ways that nobody goes any more; they are
// mended hop by hop, by the shortest way, one hop at a time. A way over the URL itself is none, so
// that comes to an end.
#include "core/crawl/known_hops.hpp"

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

void KnownHops::note_row(const KnownSeed& row, bool by_itself) {
  if (!std::exchange(sorted_, true)) std::ranges::sort(ways_);
  const std::uint64_t print = web::fingerprint(row.url);
  if (!std::ranges::binary_search(ways_, print, {}, &Way::target)) return;
  if (by_itself || stands(row, print))
    settled_.insert(print);
  else
    wanted_[print] = {.chain = row.redirect_chain, .is_hop = true, .left_out = row.left_out};
}

// It was led there by a way that is gone now as well, and there is no shorter one.
bool KnownHops::stands(const KnownSeed& row, std::uint64_t print) const {
  if (row.left_out || row.redirect_chain.empty()) return false;
  const std::span chain{row.redirect_chain};
  const auto before = chain.first(chain.size() - 1);
  const std::uint64_t way = print_of(before);
  const auto ways = std::ranges::equal_range(ways_, print, {}, &Way::target);
  return std::ranges::any_of(
             ways, [&](const Way& is) { return is.hop == chain.back() && is.chain == way; }) &&
         std::ranges::none_of(ways, [&](const Way& is) { return is.length < before.size(); });
}

void KnownHops::begin_offers() {
  for (const Way& way : ways_)
    if (!settled_.contains(way.target)) wanted_.try_emplace(way.target);
  ways_ = {};
}

void KnownHops::offer(const KnownSeed& from, std::uint64_t target) {
  const auto found = wanted_.find(target);
  if (found == wanted_.end()) return;
  auto chain = from.redirect_chain;
  chain.push_back(web::fingerprint(from.url));
  SeedRole& best = found->second.best;
  if (std::ranges::find(chain, target) != chain.end()) return;
  if (best.via && best.redirect_chain.size() <= chain.size()) return;
  best = {from.id, std::move(chain)};
}

SeedRoles KnownHops::take(std::size_t roles_max) {
  SeedRoles roles;
  for (auto& [print, url] : wanted_) {
    const bool is_same = url.is_hop && url.best.redirect_chain == url.chain;
    if (!url.best.via || (is_same && !url.left_out) || roles.size() == roles_max) continue;
    roles.try_emplace(print, std::move(url.best));
  }
  return roles;
}

}  // namespace trawl::crawl
