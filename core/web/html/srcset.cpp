// Both grammars let a URL hold the characters that separate: commas in srcset, quotes and
// semicolons in refresh. So neither can be split; both are read as the standard's steps say.

#include "core/web/html/srcset.hpp"

#include "core/web/ascii.hpp"

#include <cstddef>

namespace trawl::web {
namespace {

void skip_space(std::string_view& rest) {
  while (!rest.empty() && ascii::is_space(rest.front())) rest.remove_prefix(1);
}

// Skips to behind the comma that ends the descriptors; a comma in parentheses does not.
void skip_descriptors(std::string_view& rest) {
  bool parentheses = false;
  std::size_t at = 0;
  for (; at < rest.size(); ++at) {
    if (rest[at] == '(') parentheses = true;
    if (rest[at] == ')') parentheses = false;
    if (rest[at] == ',' && !parentheses) break;
  }
  rest.remove_prefix(at);
}

// Takes one letter in any case.
bool take(std::string_view& rest, char letter) {
  if (rest.empty() || ascii::lower(rest.front()) != letter) return false;
  rest.remove_prefix(1);
  return true;
}

// "url = " before the address is optional; what only looks like it belongs to the address.
std::string_view without_url_label(std::string_view text) {
  std::string_view rest = text;
  if (!take(rest, 'u')) return rest;
  if (!take(rest, 'r') || !take(rest, 'l')) return {};
  skip_space(rest);
  if (!take(rest, '=')) return {};
  skip_space(rest);
  return rest;
}

}  // namespace

std::string_view next_srcset_url(std::string_view& rest) {
  while (!rest.empty() && (ascii::is_space(rest.front()) || rest.front() == ',')) {
    rest.remove_prefix(1);
  }
  std::string_view url = ascii::next_token(rest);
  if (!url.ends_with(',')) {
    skip_descriptors(rest);
    return url;
  }
  while (url.ends_with(',')) url.remove_suffix(1);
  return url;
}

std::optional<std::string_view> refresh_url(std::string_view content) {
  std::string_view rest = content;
  skip_space(rest);
  if (rest.empty() || (!ascii::is_digit(rest.front()) && rest.front() != '.')) return {};
  while (!rest.empty() && (ascii::is_digit(rest.front()) || rest.front() == '.')) {
    rest.remove_prefix(1);
  }
  if (rest.empty()) return {};
  if (rest.front() != ';' && rest.front() != ',' && !ascii::is_space(rest.front())) return {};
  skip_space(rest);
  if (!take(rest, ';')) take(rest, ',');
  skip_space(rest);
  if (rest.empty()) return {};
  std::string_view url = without_url_label(rest);
  if (url.data() == nullptr) return rest;  // begins like the label and is none: all is address
  if (!url.empty() && (url.front() == '"' || url.front() == '\'')) {
    const char quote = url.front();
    url.remove_prefix(1);
    url = url.substr(0, url.find(quote));
  }
  return url;
}

}  // namespace trawl::web
