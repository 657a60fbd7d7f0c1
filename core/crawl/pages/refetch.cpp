// A record speaks of one page. What came later and is no page, be it a 304, a part or nothing at
// all, changes only what the record says of the last attempt.
#include "core/crawl/pages/refetch.hpp"

#include "core/base/note.hpp"
#include "core/crawl/state/validator.hpp"
#include "core/web/robots/robots_tag.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

namespace trawl::crawl {
namespace {

constexpr std::size_t validator_bytes_max = 1024;
constexpr std::string_view other_type_note = "other_type";

// What was escaped for the record, with a backslash, is no longer what the server gave; it is not
// sent back.
bool is_sendable(std::string_view value) {
  return value.size() <= validator_bytes_max &&
         std::ranges::all_of(value, [](char c) { return c >= 0x20 && c <= 0x7E && c != '\\'; });
}

// RFC 9111 4.3.4: a 304 with another strong validator is of another page than the one that is kept,
// which is to be asked for by its own.
bool is_of_another(std::string_view before, std::string_view now) {
  return now.starts_with('"') && before.starts_with('"') && now != before;
}

bool has_field(std::string_view head, std::string_view name) {
  for (auto line = head.find('\n'); line != head.npos; line = head.find('\n', line + 1)) {
    const std::string_view rest = head.substr(line + 1);
    if (rest.size() > name.size() && rest[name.size()] == ':' &&
        http::same_name(rest.substr(0, name.size()), name))
      return true;
  }
  return false;
}

// What was noted of the page, and why this attempt brought none, if that is no error. An earlier
// attempt's reason goes: the page itself can't have it.
std::string notes_of_kept(std::string_view page, std::string_view attempt) {
  std::string notes;
  while (!page.empty()) {
    const auto comma = page.find(',');
    if (const auto word = page.substr(0, comma); word != other_type_note) add_note(notes, word);
    page.remove_prefix(comma == page.npos ? page.size() : comma + 1);
  }
  if (has_note(attempt, other_type_note)) add_note(notes, other_type_note);
  return notes;
}

// What the answer says is wrong, a slip in a sitemap or a redirect to nowhere; it came whole.
bool is_of_meaning(Errc error) {
  return error == Errc::sitemap || error == Errc::redirect_bad || error == Errc::redirect_loop ||
         error == Errc::too_many_redirects;
}

}  // namespace

bool has_answer(const Outcome& record) {
  const int status = record.status.value_or(0);
  const bool whole = status >= 200 && status != 206 && status != 304 && !record.truncated;
  // An error that is not of a later attempt is one of the answer: half of it, or damaged.
  const bool sound =
      !record.error || is_of_meaning(*record.error) || record.revisit != Revisit::none;
  return whole && sound && !record.digest.empty();
}

bool has_page(const Outcome& record) {
  return has_answer(record) && *record.status < 300;
}

http::Headers validators(const Outcome& earlier, BodyMode bodies) {
  if (!has_page(earlier) || earlier.status != 200) return {};
  if (bodies != BodyMode::none) {
    const std::string_view folder = bodies == BodyMode::files ? "files/" : "warc/";
    if (!earlier.archive || !earlier.archive->file.starts_with(folder)) return {};
  }
  http::Headers fields;
  if (is_tag_of_a_server(earlier.etag) && is_sendable(earlier.etag))
    fields.emplace_back("If-None-Match", earlier.etag);
  if (is_sendable(earlier.last_modified))
    if (auto date = to_fixdate(earlier.last_modified, earlier.fetched_at.value_or(Wall{}));
        !date.empty())
      fields.emplace_back("If-Modified-Since", std::move(date));
  return fields;
}

std::optional<Error> unasked(const http::Response& response, bool validators_sent) {
  if (response.status == 304 && !validators_sent &&
      !has_field(response.request_head, "if-none-match") &&
      !has_field(response.request_head, "if-modified-since"))
    return Error{Errc::protocol, "304 Not Modified, although nothing was asked about changes"};
  if (response.status == 206 && !has_field(response.request_head, "range"))
    return Error{Errc::protocol, "206 Partial Content, although no range was asked for"};
  return std::nullopt;
}

void note_kept_page(const Outcome& earlier, Outcome& now) {
  now.revisit = Revisit::kept;
  now.filename = earlier.filename;
}

void keep_page(const Outcome& earlier, bool not_modified, Outcome& now) {
  Outcome kept = earlier;
  kept.revisit = not_modified ? Revisit::not_modified : Revisit::kept;
  kept.state = now.state;
  const bool same_slip = not_modified && earlier.error == Errc::sitemap;
  if (!same_slip) kept.error = now.error;
  if (!same_slip) kept.error_detail = std::move(now.error_detail);
  kept.attempts = now.attempts;
  kept.note = notes_of_kept(earlier.note, now.note);
  if (now.status && now.state == UrlState::fetched) {
    // There was an exchange, and the record is of it (RFC 9111, 4.3.4, for the validators).
    kept.fetched_at = now.fetched_at;
    kept.ip = std::move(now.ip);
    kept.http_version = std::move(now.http_version);
    std::tie(kept.dns_ms, kept.connect_ms, kept.tls_ms) =
        std::tie(now.dns_ms, now.connect_ms, now.tls_ms);
    std::tie(kept.ttfb_ms, kept.total_ms) = std::tie(now.ttfb_ms, now.total_ms);
    // Likewise what it asks of robots; what the page itself says of that is in the record.
    if (not_modified && !now.robots_meta.empty()) {
      auto robots = web::parse_robots_meta(earlier.robots_meta);
      robots |= web::parse_robots_meta(now.robots_meta);
      kept.robots_meta = web::to_string(robots);
    }
    if (not_modified && !is_of_another(earlier.etag, now.etag)) {
      if (!now.etag.empty()) kept.etag = std::move(now.etag);
      if (!now.last_modified.empty()) kept.last_modified = std::move(now.last_modified);
    }
  }
  kept.bytes_wire = now.bytes_wire;
  now = std::move(kept);
}

}  // namespace trawl::crawl
