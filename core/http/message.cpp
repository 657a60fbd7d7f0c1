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

std::string content_coding(const Headers& headers) {
  std::string all;
  for (const auto& [name, value] : headers) {
    if (!same_name(name, "content-encoding") || value.empty() || same_name(value, "identity"))
      continue;
    if (!all.empty()) all += ", ";
    all += value;
  }
  return all;
}

}  // namespace trawl::http
