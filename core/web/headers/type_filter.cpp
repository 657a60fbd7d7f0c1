// The globs are those of fnmatch(3), so that * stands for a slash, too.
#include "core/web/headers/type_filter.hpp"

#include "core/web/ascii.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <iterator>

namespace trawl::web {
namespace {

// Not what ends a file's name, either: "*.pdf", ".pdf".
bool is_type_word(std::string_view text) {
  return !text.empty() && text.size() <= type_bytes_max && !text.starts_with('.') &&
         !text.starts_with("*.") && !text.starts_with('/') && !text.ends_with('/') &&
         std::ranges::count(text, '/') <= 1 && std::ranges::all_of(text, [](char c) {
           return ascii::is_alnum(c) || std::string_view{"/*+-._!#$&^"}.contains(c);
         });
}

}  // namespace

std::optional<std::vector<std::string>> type_globs(std::string_view word) {
  if (!is_type_word(word)) return std::nullopt;
  std::string type = ascii::lowered(word);
  if (type.contains('/')) return std::vector{std::move(type)};
  return std::vector{type + "/*", "*/" + type};
}

TypeFilter::TypeFilter(std::span<const std::string> words) {
  for (const std::string& word : words)
    if (auto globs = type_globs(word)) std::ranges::move(*globs, std::back_inserter(globs_));
}

bool TypeFilter::takes(std::string_view essence) const {
  if (globs_.empty()) return true;
  const std::string type{essence};
  return std::ranges::any_of(globs_, [&type](const std::string& glob) {
    return ::fnmatch(glob.c_str(), type.c_str(), FNM_NOESCAPE) == 0;
  });
}

}  // namespace trawl::web
