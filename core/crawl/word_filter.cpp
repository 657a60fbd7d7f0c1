// Full filters would call everything old, which is how real pages would be taken for a trap; empty
// ones call everything new, which at worst costs some fetches. So they are emptied early.
#include "core/crawl/word_filter.hpp"

#include <algorithm>

namespace trawl::crawl {
namespace {

constexpr std::size_t word_filter_bits = 1 << 19;  // 64 KiB: 50,000 words
constexpr std::size_t pair_filter_bits = 1 << 20;  // 128 KiB: 150,000 pairs
constexpr int word_probes = 3;
constexpr int pair_probes = 2;

std::uint64_t mixed(std::uint64_t value) {
  value ^= value >> 33;
  value *= 0xFF51'AFD7'ED55'8CCDULL;
  return value ^ (value >> 29);
}

// Sets the bits of a hash; how many of them were not set before.
int set_bits(std::vector<std::uint64_t>& filter, std::size_t bits, std::uint64_t hash, int probes) {
  int fresh = 0;
  for (int i = 0; i < probes; ++i, hash >>= 20) {
    const std::size_t bit = hash & (bits - 1);
    std::uint64_t& word = filter[bit / 64];
    const std::uint64_t mask = 1ULL << (bit % 64);
    fresh += (word & mask) == 0 ? 1 : 0;
    word |= mask;
  }
  return fresh;
}

}  // namespace

WordFilter::WordFilter() : words_(word_filter_bits / 64), pairs_(pair_filter_bits / 64) {}

WordNews WordFilter::add(std::span<const std::uint32_t> words, std::span<const std::uint32_t> own) {
  if (word_bits_ > word_filter_bits / 4 || pair_bits_ > pair_filter_bits / 4) {
    std::ranges::fill(words_, 0);
    std::ranges::fill(pairs_, 0);
    word_bits_ = pair_bits_ = pages_ = 0;
  }
  const auto counts = [&](std::uint32_t word) { return std::ranges::find(own, word) == own.end(); };
  WordNews news{.words = words.size()};
  std::uint32_t before = 0;
  for (const std::uint32_t word : words) {
    if (const int bits = set_bits(words_, word_filter_bits, mixed(word), word_probes); bits > 0) {
      word_bits_ += static_cast<std::size_t>(bits);
      news.new_words += counts(word) ? 1 : 0;
    }
    const std::uint64_t pair = mixed(std::uint64_t{before} * 0x9E37'79B9'7F4A'7C15ULL + word);
    if (const int bits = set_bits(pairs_, pair_filter_bits, pair, pair_probes); bits > 0) {
      pair_bits_ += static_cast<std::size_t>(bits);
      news.new_pairs += counts(word) && counts(before) ? 1 : 0;
    }
    before = word;
  }
  ++pages_;
  return news;
}

}  // namespace trawl::crawl
