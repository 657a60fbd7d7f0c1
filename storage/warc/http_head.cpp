// Readers take the head's word for how the body is framed. We keep the body without its transfer
// coding, so the lines that describe that coding must go, and are kept under another name.
#include "storage/warc/http_head.hpp"

#include "core/web/ascii.hpp"

#include <fmt/format.h>

#include <charconv>

namespace trawl::storage {
namespace {

namespace ascii = web::ascii;

// The next line without its end; false at the head's end.
bool take_line(std::string_view& head, std::string_view& line) {
  if (head.empty()) return false;
  const auto end = head.find('\n');
  line = head.substr(0, end);
  head.remove_prefix(end == std::string_view::npos ? head.size() : end + 1);
  while (line.ends_with('\r')) line.remove_suffix(1);
  return !line.empty();
}

// "HTTP/2 200 " has no HTTP/1.1 grammar.
std::string status_line(std::string_view line) {
  for (const std::string_view version : {"HTTP/2.0 ", "HTTP/2 ", "HTTP/3 "})
    if (line.starts_with(version)) return "HTTP/1.1 " + std::string(line.substr(version.size()));
  return std::string(line);
}

std::string synthetic_head(const http::Response& response) {
  std::string head = fmt::format("HTTP/1.1 {:03} \r\n", response.status);
  for (const auto& [name, value] : response.headers)
    head.append(name).append(": ").append(value).append("\r\n");
  return head;
}

bool is_number(std::string_view text, std::uint64_t number) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && value == number;
}

}  // namespace

std::string archived_response_head(const http::Response& response, std::uint64_t body_bytes) {
  const std::string made = response.response_head.empty() ? synthetic_head(response) : "";
  std::string_view head = made.empty() ? std::string_view(response.response_head) : made;
  std::string out;
  out.reserve(head.size() + 96);
  std::string_view line;
  if (take_line(head, line)) out.append(status_line(line)).append("\r\n");
  bool has_length = false;
  while (take_line(head, line)) {
    const auto colon = line.find(':');
    const bool folded = line.starts_with(' ') || line.starts_with('\t');
    if (!folded && colon != std::string_view::npos) {
      const std::string_view name = ascii::trim(line.substr(0, colon));
      bool rename = ascii::equals(name, "Transfer-Encoding");
      if (ascii::equals(name, "Content-Length")) {
        rename = has_length || !is_number(ascii::trim(line.substr(colon + 1)), body_bytes);
        has_length |= !rename;
      }
      if (rename) out.append("X-Archive-Orig-");
    }
    out.append(line).append("\r\n");
  }
  if (!has_length) out.append(fmt::format("Content-Length: {}\r\n", body_bytes));
  return out += "\r\n";
}

std::string archived_request_head(std::string_view head) {
  std::string out;
  out.reserve(head.size() + 8);
  std::string_view line;
  if (take_line(head, line)) {
    const auto space = line.rfind(' ');
    const std::string_view version = space == std::string_view::npos ? "" : line.substr(space + 1);
    if (version.starts_with("HTTP/2") || version.starts_with("HTTP/3"))
      out.append(line.substr(0, space)).append(" HTTP/1.1");
    else
      out.append(line);
    out.append("\r\n");
  }
  while (take_line(head, line)) out.append(line).append("\r\n");
  return out += "\r\n";
}

}  // namespace trawl::storage
