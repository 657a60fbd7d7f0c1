#pragma once
// WordFilter: which words, and which pairs of words side by side, the pages of a host have had so
// far. A Bloom filter for each, of a fixed size; when one holds what it can tell apart both begin
// anew.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace trawl::crawl {

// What a page has that the pages before it had not.
struct WordNews {
  std::size_t words = 0;  // on the page
  std::size_t new_words = 0;
  std::size_t new_pairs = 0;
};

class WordFilter {
 public:
  WordFilter();

  // Adds the page's words (web::TextWords). A new one is taken for an old one in one case of 60, a
  // pair in one of 16, at most. About 5 ns a word. own: words that are no news on this page, nor
  // are pairs with them.
  WordNews add(std::span<const std::uint32_t> words, std::span<const std::uint32_t> own = {});
  // Since the last time it began anew.
  std::size_t pages() const { return pages_; }

 private:
  std::vector<std::uint64_t> words_;
  std::vector<std::uint64_t> pairs_;
  std::size_t word_count_ = 0;  // that were new when they were added
  std::size_t pair_count_ = 0;
  std::size_t pages_ = 0;
};

}  // namespace trawl::crawl
