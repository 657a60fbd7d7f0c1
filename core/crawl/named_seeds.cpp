// What a job no longer names can only be known from what it named before; a record says of a seed
// neither who asked for it nor whether anybody still does.
#include "core/crawl/named_seeds.hpp"

#include "core/web/digest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

namespace trawl::crawl {

NamedSeeds NamedSeeds::parse(std::string_view named, std::string_view former) {
  NamedSeeds seeds;
  seeds.named_ = read(named);
  seeds.former_ = read(former);
  return seeds;
}

bool NamedSeeds::begin(const std::vector<std::uint64_t>& now, bool has_more) {
  const Prints before = std::exchange(former_, {});
  Prints known = std::exchange(named_, Prints{now.begin(), now.end()});
  known.insert(before.begin(), before.end());
  for (const std::uint64_t seed : known) {
    if (has_more)
      named_.insert(seed);
    else if (!named_.contains(seed))
      former_.insert(seed);
  }
  return std::ranges::any_of(before, [this](auto seed) { return !former_.contains(seed); });
}

// Named from then on, so that it goes when the job names its other form no more.
bool NamedSeeds::note_spelling(std::uint64_t spelling, std::uint64_t canonical) {
  if (!former_.contains(spelling) || !named_.contains(canonical)) return false;
  former_.erase(spelling);
  return named_.insert(spelling).second;
}

bool NamedSeeds::is_former(std::uint64_t url, std::span<const std::uint64_t> chain) const {
  if (named_.contains(url)) return false;
  return former_.contains(chain.empty() ? url : chain.front()) ||
         std::ranges::any_of(chain, [this](auto hop) { return ended_.contains(hop); });
}

void EndedRedirects::note_hop(const KnownSeed& seed) {
  if (!seed.is_page) return;
  const std::uint64_t print = web::fingerprint(seed.url);
  if (hops_.contains(print)) ended_.insert(print);
}

// "0123456789abcdef 0123…"
NamedSeeds::Prints NamedSeeds::read(std::string_view text) {
  Prints prints;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    std::uint64_t print = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), print, 16);
    if (error == std::errc{} && end == word.data() + word.size()) prints.insert(print);
  }
  return prints;
}

std::string NamedSeeds::text_of(const Prints& prints) {
  std::vector<std::uint64_t> sorted{prints.begin(), prints.end()};
  std::ranges::sort(sorted);
  std::string text;
  for (const std::uint64_t print : sorted)
    text += fmt::format("{}{:016x}", text.empty() ? "" : " ", print);
  return text;
}

}  // namespace trawl::crawl
