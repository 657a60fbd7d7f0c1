// Text, since such sets are small, and a reader of the database may want to know.
#include "core/crawl/scope/print_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>
#include <vector>

namespace trawl::crawl {
namespace {

std::optional<std::uint64_t> parse_print(std::string_view word) {
  std::uint64_t print = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), print, 16);
  const bool whole = error == std::errc{} && end == word.data() + word.size();
  return whole ? std::optional{print} : std::nullopt;
}

template <class Take>
void each_word(std::string_view text, const Take& take) {
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    take(word);
  }
}

}  // namespace

PrintSet read_print_set(std::string_view text) {
  PrintSet prints;
  each_word(text, [&prints](std::string_view word) {
    if (const auto print = parse_print(word)) prints.insert(*print);
  });
  return prints;
}

std::string print_set_text(const PrintSet& prints) {
  std::vector<std::uint64_t> sorted{prints.begin(), prints.end()};
  std::ranges::sort(sorted);
  std::string text;
  for (const std::uint64_t print : sorted)
    text += fmt::format("{}{:016x}", text.empty() ? "" : " ", print);
  return text;
}

std::vector<PrintPair> read_print_pairs(std::string_view text) {
  std::vector<PrintPair> pairs;
  each_word(text, [&pairs](std::string_view word) {
    const auto middle = word.find('>');
    if (middle == word.npos) return;
    const auto first = parse_print(word.substr(0, middle));
    const auto second = parse_print(word.substr(middle + 1));
    if (first && second) pairs.emplace_back(*first, *second);
  });
  std::ranges::sort(pairs);
  return pairs;
}

std::string print_pairs_text(const std::vector<PrintPair>& sorted) {
  std::string text;
  for (const auto& [first, second] : sorted)
    text += fmt::format("{}{:016x}>{:016x}", text.empty() ? "" : " ", first, second);
  return text;
}

}  // namespace trawl::crawl
