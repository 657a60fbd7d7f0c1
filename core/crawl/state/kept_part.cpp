// Two halves of different files joined would be worse than any half. So a part is continued only
// where the server says, by an exact validator, that it is still the same body.
#include "core/crawl/state/kept_part.hpp"

#include "core/crawl/state/retry_after.hpp"
#include "core/crawl/state/validator.hpp"
#include "core/web/ascii.hpp"

#include <fmt/format.h>

#include <charconv>

namespace trawl::crawl {
namespace {

namespace ascii = web::ascii;

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// RFC 9110 14.4: "bytes 5-9/10", "bytes 5-9/*".
struct ContentRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::optional<std::uint64_t> total;
};

std::optional<ContentRange> parse_content_range(std::string_view text) {
  constexpr std::string_view unit = "bytes ";
  text = ascii::trim(text);
  if (!ascii::starts_with(text, unit)) return std::nullopt;
  text.remove_prefix(unit.size());
  const auto dash = text.find('-'), slash = text.find('/');
  if (dash == text.npos || slash == text.npos || dash > slash) return std::nullopt;
  const auto first = number(text.substr(0, dash));
  const auto last = number(text.substr(dash + 1, slash - dash - 1));
  const auto total = number(text.substr(slash + 1));
  if (!first || !last || *last < *first) return std::nullopt;
  if (text.substr(slash + 1) != "*" && (!total || *last >= *total)) return std::nullopt;
  return ContentRange{*first, *last, total};
}

bool is_coded(const http::Headers& headers) {
  return !http::content_coding(headers).empty();
}

// RFC 9110 8.8.2.2: a file that changed in the second of the answer may change in it once more.
bool is_strong_date(const http::Headers& headers, Wall now) {
  const auto modified = parse_http_date(http::find_header(headers, "last-modified"), now);
  const auto answered = parse_http_date(http::find_header(headers, "date"), now);
  return modified && *modified + std::chrono::seconds{1} <= answered.value_or(now);
}

std::string strong_validator(const http::Headers& headers, Wall now) {
  const auto etag = http::find_header(headers, "etag");
  if (is_strong_entity_tag(etag)) return std::string{etag};
  // If-Range is compared letter by letter (13.1.5), so a date in another form would never match.
  const auto modified = http::find_header(headers, "last-modified");
  if (!is_fixdate(modified) || !is_strong_date(headers, now)) return {};
  return std::string{modified};
}

// Whether the answer names the same version of the body as the part; from its own server.
bool same_version(const KeptPart& part, const http::Headers& headers) {
  const auto etag = http::find_header(headers, "etag");
  if (is_strong_entity_tag(part.validator)) return etag == part.validator;
  const auto before = http::find_header(part.headers, "etag");
  if (!etag.empty() && !before.empty() && etag != before) return false;
  const auto modified = http::find_header(headers, "last-modified");
  return modified.empty() || modified == part.validator;
}

// Between servers: ETags are each one's own, dates are copied with the file.
bool same_file(const KeptPart& part, bool known_whole, const ContentRange& range,
               const http::Headers& headers) {
  if (!known_whole && (!part.total || !range.total)) return false;
  const auto here = http::find_header(headers, "last-modified");
  const auto there = http::find_header(part.headers, "last-modified");
  return known_whole || here.empty() || there.empty() || here == there;
}

// Whether the answer's body can be those bytes and nothing else; several ranges come with a framing
// of their own (RFC 9110 15.3.7.2).
bool is_of_range(const http::Headers& headers, const ContentRange& range) {
  const auto type = http::find_header(headers, "content-type");
  const auto length = number(http::find_header(headers, "content-length"));
  return !ascii::starts_with(type, "multipart/byteranges") &&
         (!length || *length == range.last - range.first + 1);
}

}  // namespace

std::optional<KeptPart> continuable(std::string_view url, int status, const http::Headers& headers,
                                    Wall now) {
  if (status != 200 || is_coded(headers)) return std::nullopt;
  if (ascii::equals(http::find_header(headers, "accept-ranges"), "none")) return std::nullopt;
  KeptPart part{.url = std::string{url},
                .total = number(http::find_header(headers, "content-length")),
                .validator = strong_validator(headers, now),
                .headers = headers};
  if (part.validator.empty()) return std::nullopt;
  return part;
}

http::Headers range_fields(const KeptPart& part, bool same_server) {
  // A coding would be of the rest alone, or of a body that is another one.
  http::Headers fields{{"Accept-Encoding", "identity"},
                       {"Range", fmt::format("bytes={}-", part.bytes)}};
  if (same_server) fields.emplace_back("If-Range", part.validator);
  return fields;
}

http::Continuation judge_continuation(const KeptPart& part, bool same_server, bool known_whole,
                                      int status, const http::Headers& headers) {
  using http::Continuation;
  if (status == 200) return Continuation::anew;
  if (status == 416) return Continuation::refused;
  if (status != 206) return Continuation::other;
  const auto range = parse_content_range(http::find_header(headers, "content-range"));
  if (!range || range->first != part.bytes || is_coded(headers)) return Continuation::refused;
  if (!is_of_range(headers, *range)) return Continuation::refused;
  // Nothing would show that the end was reached.
  if (!known_whole && !part.total && !range->total) return Continuation::refused;
  if (part.total && range->total && *part.total != *range->total) return Continuation::refused;
  const bool same =
      same_server ? same_version(part, headers) : same_file(part, known_whole, *range, headers);
  return same ? Continuation::append : Continuation::refused;
}

bool is_advance(const KeptPart& part, std::uint64_t bytes_before, int advances) {
  constexpr int steps = 100;
  if (!part.total || part.bytes <= bytes_before || advances >= steps) return false;
  return part.bytes - bytes_before >= *part.total / steps;
}

bool restore_whole(const KeptPart& part, http::Response& response) {
  const auto range = parse_content_range(http::find_header(response.headers, "content-range"));
  if (range && response.bytes_body > range->last + 1) return false;
  auto total = part.total;
  if (!total && range) total = range->total;
  response.status = 200;
  response.headers = part.headers;
  std::erase_if(response.headers,
                [](const auto& field) { return http::same_name(field.first, "content-length"); });
  if (!total) return true;
  response.headers.emplace_back("Content-Length", fmt::to_string(*total));
  // Each range may have been whole in itself, and the last one not the last of the body.
  if (!response.broken && response.bytes_body < *total)
    response.broken = Error{Errc::body_truncated, fmt::format("{} of {} bytes after a continuation",
                                                              response.bytes_body, *total)};
  return true;
}

std::string to_lines(const http::Headers& headers) {
  std::string lines;
  for (const auto& [name, value] : headers)
    lines.append(name).append(": ").append(value).append("\r\n");
  return lines;
}

http::Headers headers_from_lines(std::string_view lines) {
  http::Headers headers;
  while (!lines.empty()) {
    const auto end = std::min(lines.find("\r\n"), lines.size());
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(lines.size(), end + 2));
    const auto colon = line.find(": ");
    if (colon == line.npos) continue;
    headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  return headers;
}

}  // namespace trawl::crawl
