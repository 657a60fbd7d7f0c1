// A type that is text is turned into UTF-8 even where bytes of it are malformed: a reader of a data
// set wants one kind of value for one kind of page.
#include "service/records/record_bodies.hpp"

#include "core/base/log.hpp"
#include "core/base/note.hpp"
#include "core/base/result.hpp"
#include "core/web/charset/charset.hpp"
#include "core/web/charset/content.hpp"
#include "core/web/digest.hpp"
#include "core/web/links/link_header.hpp"
#include "core/web/utf8.hpp"
#include "service/records/page_links.hpp"
#include "service/records/record_format.hpp"
#include "service/records/stored_body.hpp"
#include "service/text/base64.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace trawl::service {
namespace {

constexpr std::array text_types{
    "application/json",       "application/javascript",    "application/x-javascript",
    "application/ecmascript", "application/x-ndjson",      "application/jsonl",
    "application/sql",        "application/yaml",          "application/toml",
    "application/x-sh",       "application/manifest+json", "application/x-www-form-urlencoded",
};

// A body of which nothing is said is text when it looks like one.
bool is_text(const web::MediaType& type, std::string_view body) {
  if (type.is_unknown()) return !body.contains('\0') && web::utf8::is_valid(body);
  const std::string_view essence = type.essence;
  return essence.starts_with("text/") || essence.ends_with("+json") || type.is_html() ||
         type.is_xml() || type.is_svg() || std::ranges::count(text_types, essence) > 0;
}

// A file of bodies = "files" may have been edited, or replaced by a job that runs.
bool is_of(const crawl::Outcome& outcome, std::string_view body) {
  if (outcome.digest.empty() || outcome.error == Errc::decode) return true;
  web::Hasher hasher{web::Hasher::Algorithm::sha256};
  hasher.update(body);
  return "sha256:" + hasher.hex() == outcome.digest;
}

// Where nobody said and it is no UTF-8, what a browser would guess.
std::string charset_of(const crawl::Outcome& outcome, std::string_view body) {
  if (outcome.charset.empty() && !web::utf8::is_valid(body)) return web::detect_charset(body, "");
  return std::string{web::encoding_name(outcome.charset)};
}

web::PageText page_of(const crawl::Record& record, const StoredPage& stored,
                      const web::MediaType& type, std::string_view text, web::TextPart part) {
  web::PageText page;
  const std::string& server = record.outcome.served_by;
  const auto url = web::Url::parse(server.empty() ? record.url : server);
  if (!url) return page;
  if (type.is_html()) {
    page = web::read_page_text(text, type.is_xhtml(), *url, part);
  } else if (type.essence.starts_with("text/plain") || type.is_unknown()) {
    page.text = text;
  }
  for (const web::Link& link : web::header_links(stored.headers, *url))
    if (page.canonical.empty() && link.kind == web::LinkKind::canonical) page.canonical = link.url;
  return page;
}

// False, with the error, when it can't be found out.
bool select(const Selection& selection, RecordBody& body) {
  auto found = selection.read(body.text);
  if (!found) {
    body.error = found.error().detail;
    return false;
  }
  body.selected = std::move(*found);
  return true;
}

}  // namespace

std::shared_ptr<const Selection> selection_of(const std::vector<std::string>& wanted) {
  return wanted.empty() ? nullptr : std::make_shared<const Selection>(wanted);
}

std::optional<web::TextPart> text_part_of(const std::string& word) {
  if (word.empty()) return std::nullopt;
  if (word == "main") return web::TextPart::main;
  if (word == "all") return web::TextPart::all;
  throw Failure(Errc::usage,
                fmt::format("\"{}\" is no part of a page; they are main and all", printable(word)));
}

void RecordBodies::append(std::string& out, const crawl::Record& record) {
  append_record(out, record, [&](JsonWriter& json) { append_fields(json, record); }, parts_.fields);
}

void RecordBodies::append_row(std::string& out, const crawl::Record& record) {
  read(record,
       [&](const RecordBody& body) { service::append_row(out, record, body, parts_.fields); });
}

std::string RecordBodies::heading() const {
  auto text = row_heading(*parts_.selection, parts_.fields);
  if (!text) throw Failure(text.error());
  return *std::move(text);
}

void RecordBodies::append_fields(JsonWriter& json, const crawl::Record& record) {
  read(record, [&json](const RecordBody& body) { append_body(json, body); });
}

void RecordBodies::read(const crawl::Record& record,
                        const std::function<void(const RecordBody&)>& use) {
  const crawl::Outcome& outcome = record.outcome;
  RecordBody body{.wants_body = parts_.bodies,
                  .wants_page = parts_.text.has_value(),
                  .selection = parts_.selection.get()};
  const auto fail_with = [&](std::string error) {
    ++unreadable_;
    body.error = std::move(error);
    use(body);
  };
  if (!outcome.archive) {
    const bool is_page = outcome.status && web::parse_media_type(outcome.content_type).is_html();
    if (has_note(outcome.note, "other_type") && outcome.revisit != crawl::Revisit::kept)
      body.error = "the body was not received: fetch.types leaves its type out";
    else if (outcome.bytes_body > 0)
      body.error = "no body is kept";
    else if (is_page && (outcome.error || outcome.truncated))
      body.error = "the body was not received";
    else if (parts_.selection && is_page && !select(*parts_.selection, body))
      ++unanswered_;
    return use(body);
  }
  if (outcome.bytes_body == 0 && has_note(outcome.note, "max_body")) {
    body.error = "the body was not kept: it is longer than fetch.max_body";
    return use(body);
  }
  // An image has no text, however large it is.
  const auto type = web::parse_media_type(outcome.content_type);
  if (!parts_.bodies && !type.is_unknown() && !is_text(type, "")) return use(body);
  const auto page = read_stored_page(folder_, record);
  if (!page && !parts_.bodies && page.error().code == Errc::limit_exceeded) {
    body.error = page.error().message();
    return use(body);
  }
  if (!page) return fail_with(page.error().message());
  if (!is_of(outcome, page->body))
    return fail_with("damaged: the body has not the record's digest");
  if (!is_text(type, page->body)) {
    if (parts_.bodies) body.base64 = encode_base64(page->body);
    return use(body);
  }
  std::string storage;
  body.text = web::to_utf8(page->body, charset_of(outcome, page->body), storage);
  if (parts_.text) body.page = page_of(record, *page, type, body.text, *parts_.text);
  if (parts_.selection && type.is_html() && !select(*parts_.selection, body)) ++unanswered_;
  use(body);
}

}  // namespace trawl::service
