// Header names are compared as RFC 9110 5.1 says: case-insensitively, ASCII only.
#include "core/http/message.hpp"

#include <algorithm>

namespace trawl::http {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view find_header(const Headers& headers, std::string_view name) {
  for (const auto& [key, value] : headers)
    if (same_name(key, name)) return value;
  return {};
}

}  // namespace trawl::http
