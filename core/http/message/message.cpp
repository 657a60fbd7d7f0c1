// Header names are compared as RFC 9110 5.1 says: case-insensitively, ASCII only.
#include "core/http/message/message.hpp"

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

namespace {

// What some servers say of a .gz file is its own coding and not theirs: browsers and others that
// fetch files leave it as it is.
bool is_gzip_file(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
  return same_name(type, "application/gzip") || same_name(type, "application/x-gzip") ||
         same_name(type, "application/x-gunzip");
}

}  // namespace

std::string named_coding(const Headers& headers) {
  std::string all;
  for (const auto& [name, value] : headers) {
    if (!same_name(name, "content-encoding") || value.empty() || same_name(value, "identity"))
      continue;
    if (!all.empty()) all += ", ";
    all += value;
  }
  return all;
}

std::string content_coding(const Headers& headers) {
  std::string all = named_coding(headers);
  const bool is_gzip = same_name(all, "gzip") || same_name(all, "x-gzip");
  return is_gzip && is_gzip_file(find_header(headers, "content-type")) ? std::string{} : all;
}

}  // namespace trawl::http
