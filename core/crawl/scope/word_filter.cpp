// Full filters would call everything old, which is how real pages would be taken for a trap; empty
// ones call everything new, which at worst costs some fetches. So they are emptied early.
//
// All bits of a word lie in one block of 64, so that it costs one access to memory (Putze, Sanders
// and Singler, Cache-, Hash- and Space-Efficient Bloom Filters, 2007). Whether a word is new is as
// good as random, so nothing branches on it.
#include "core/crawl/scope/word_filter.hpp"

#include <algorithm>

namespace trawl::crawl {
namespace {

// At that many the blocks, with Poisson's share of entries in each, are so full that what is new
// has its bits set by others in one case of 64, or 18.
constexpr std::size_t word_blocks = 1 << 13;  // 64 KiB
constexpr std::size_t words_max = 44'000;
constexpr int word_probes = 3;
constexpr std::size_t pair_blocks = 1 << 14;  // 128 KiB
constexpr std::size_t pairs_max = 132'000;
constexpr int pair_probes = 2;

std::uint64_t mixed(std::uint64_t value) {
  value ^= value >> 33;
  value *= 0xFF51'AFD7'ED55'8CCDULL;
  return value ^ (value >> 29);
}

// Sets the bits of a hash; whether one of them was not set before. The number of blocks is a power
// of 2.
template <int Probes>
bool add_to(std::vector<std::uint64_t>& blocks, std::uint64_t hash) {
  std::uint64_t bits = 0;
  for (int i = 0; i < Probes; ++i) bits |= 1ULL << (hash >> (6 * i) & 63);
  std::uint64_t& block = blocks[hash >> 40 & (blocks.size() - 1)];
  const std::uint64_t fresh = bits & ~block;
  block |= bits;
  return fresh != 0;
}

}  // namespace

WordFilter::WordFilter() : words_(word_blocks), pairs_(pair_blocks) {}

WordNews WordFilter::add(std::span<const std::uint32_t> words, std::span<const std::uint32_t> own) {
  if (word_count_ > words_max || pair_count_ > pairs_max) {
    std::ranges::fill(words_, 0);
    std::ranges::fill(pairs_, 0);
    word_count_ = pair_count_ = pages_ = 0;
  }
  const auto counts = [&](std::uint32_t word) { return std::ranges::find(own, word) == own.end(); };
  WordNews news{.words = words.size()};
  std::uint32_t before = 0;
  for (const std::uint32_t word : words) {
    bool new_word = add_to<word_probes>(words_, mixed(word));
    bool new_pair =
        add_to<pair_probes>(pairs_, mixed(std::uint64_t{before} * 0x9E37'79B9'7F4A'7C15ULL + word));
    word_count_ += new_word ? 1 : 0;
    pair_count_ += new_pair ? 1 : 0;
    if (!own.empty() && (new_word || new_pair)) {
      const bool is_news = counts(word);
      new_word = new_word && is_news;
      new_pair = new_pair && is_news && counts(before);
    }
    news.new_words += new_word ? 1 : 0;
    news.new_pairs += new_pair ? 1 : 0;
    before = word;
  }
  ++pages_;
  return news;
}

}  // namespace trawl::crawl
