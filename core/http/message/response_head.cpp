// libcurl 7.88.1 takes the last of two Content-Lengths and the digits of "3-"; both are refused
// here (RFC 9112 6.3), since whoever disagrees on a length disagrees on where the next answer
// begins.
#include "core/http/message/response_head.hpp"

#include "core/base/limits.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trawl::http {
namespace {

constexpr std::size_t common_bytes = 512;  // few heads have more
constexpr std::size_t common_lines = 16;

std::string_view trimmed(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

int parse_status(std::string_view line) {
  const auto space = line.find(' ');
  if (space == line.npos) return 0;
  int status = 0;
  for (const char c : trimmed(line.substr(space)).substr(0, 3)) {
    if (c < '0' || c > '9') return 0;
    status = status * 10 + (c - '0');
  }
  return status;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() < 19 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Every member of every Content-Length must be the same number (Fetch standard, "extract a
// length").
Result<> check_lengths(const Headers& headers) {
  std::string_view first;
  for (const auto& [name, value] : headers) {
    if (!same_name(name, "content-length")) continue;
    for (std::string_view rest = value;;) {
      const auto comma = rest.find(',');
      const std::string_view member = trimmed(rest.substr(0, comma));
      if (!is_number(member))
        return fail(Errc::protocol, fmt::format("Content-Length is no number: {:.60}", value));
      if (!first.empty() && first != member)
        return fail(Errc::protocol, fmt::format("two Content-Lengths: {} and {}", first, member));
      first = member;
      if (comma == rest.npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return {};
}

// RFC 9112 2.2: a CR that ends no line is invalid; what is a line for one reader is two for
// another.
bool has_bare_cr(std::string_view line) {
  return trimmed(line).contains('\r');
}

bool is_framing(std::string_view name) {
  return same_name(name, "content-length") || same_name(name, "transfer-encoding");
}

}  // namespace

bool ResponseHead::add_line(std::string_view line) {
  bytes_seen_ += line.size();
  ++lines_seen_;
  if (bytes_seen_ > limits::header_bytes_max || lines_seen_ > limits::header_lines_max)
    return false;
  if (complete_ && status_ >= 200) return true;  // a trailer: counted, not kept
  if (complete_) {                               // the answer after an interim one
    text_.clear();
    complete_ = false;
  }
  if (text_.empty()) {
    status_ = parse_status(line);
    text_.reserve(common_bytes);
  }
  text_.append(line);
  complete_ = line == "\r\n" || line == "\n";
  return true;
}

Result<> ResponseHead::take(Response& response) {
  response.status = status_;
  std::string_view rest = text_;
  const auto line_end = rest.find('\n');
  const std::string_view status_line = rest.substr(0, line_end);
  const auto space = status_line.find(' ');
  if (status_line.starts_with("HTTP/") && space != status_line.npos)
    response.http_version = status_line.substr(5, space - 5);
  rest.remove_prefix(line_end == rest.npos ? rest.size() : line_end + 1);
  response.headers.clear();
  response.headers.reserve(common_lines);
  bool bare_cr = has_bare_cr(status_line), ambiguous = false;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    bare_cr = bare_cr || has_bare_cr(line);
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    const auto colon = line.find(':');
    const bool folded = line.starts_with(' ') || line.starts_with('\t');
    if (colon != line.npos && !folded) {
      const std::string_view name = line.substr(0, colon);
      ambiguous = ambiguous || (trimmed(name) != name && is_framing(trimmed(name)));
      response.headers.emplace_back(trimmed(line.substr(0, colon)),
                                    trimmed(line.substr(colon + 1)));
    } else if (!response.headers.empty() && !trimmed(line).empty()) {
      ambiguous = ambiguous || is_framing(response.headers.back().first);
      response.headers.back().second.append(" ").append(trimmed(line));  // obsolete folding
    }
  }
  response.response_head = std::move(text_);
  if (bare_cr) return fail(Errc::protocol, "a line of the answer's head has a CR within");
  if (ambiguous)
    return fail(Errc::protocol,
                "Content-Length or Transfer-Encoding is folded, or has a space before its colon");
  return check_lengths(response.headers);
}

}  // namespace trawl::http
