// Globs against any text, with an independent matcher (dynamic programming) as the oracle.
#include "core/crawl/job/url_pattern.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace {

bool oracle(std::string_view glob, std::string_view text) {
  std::vector<bool> row(text.size() + 1, false);
  row[0] = true;
  for (const char g : glob) {
    std::vector<bool> next(text.size() + 1, false);
    next[0] = g == '*' && row[0];
    for (std::size_t i = 1; i <= text.size(); ++i) {
      next[i] = g == '*' ? row[i] || next[i - 1] : row[i - 1] && (g == '?' || g == text[i - 1]);
    }
    row = std::move(next);
  }
  return row[text.size()];
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 512) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::size_t cut = bytes.empty() ? 0 : data[0] % bytes.size();
  const std::string_view glob = bytes.substr(0, cut);
  const std::string_view text = bytes.substr(cut);
  if (trawl::crawl::glob_matches(glob, text) != oracle(glob, text)) std::abort();
  if (const auto pattern = trawl::crawl::UrlPattern::create(glob)) (void)pattern->matches(text);
  return 0;
}
