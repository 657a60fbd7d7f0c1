// Text, since such sets are small, and a reader of the database may want to know.
#include "core/crawl/print_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>
#include <vector>

namespace trawl::crawl {

PrintSet read_print_set(std::string_view text) {
  PrintSet prints;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    std::uint64_t print = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), print, 16);
    if (error == std::errc{} && end == word.data() + word.size()) prints.insert(print);
  }
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

}  // namespace trawl::crawl
