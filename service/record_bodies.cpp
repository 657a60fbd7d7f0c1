// A type that is text is turned into UTF-8 even where bytes of it are malformed: a reader of a data
// set wants one kind of value for one kind of page.
#include "service/record_bodies.hpp"

#include "core/web/charset.hpp"
#include "core/web/content.hpp"
#include "core/web/digest.hpp"
#include "core/web/utf8.hpp"
#include "service/base64.hpp"
#include "service/page_links.hpp"
#include "service/record_format.hpp"
#include "service/stored_body.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

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

}  // namespace

void RecordBodies::append(std::string& out, const crawl::Record& record) {
  const crawl::Outcome& outcome = record.outcome;
  if (!outcome.archive) return append_record(out, record, RecordBody{});
  const auto page = read_stored_page(folder_, record);
  if (!page) {
    ++unreadable_;
    return append_record(out, record, RecordBody{.error = page.error().message()});
  }
  if (!is_of(outcome, page->body)) {
    ++unreadable_;
    return append_record(out, record,
                         RecordBody{.error = "damaged: the body has not the record's digest"});
  }
  const auto type = web::parse_media_type(outcome.content_type);
  if (!is_text(type, page->body))
    return append_record(out, record, RecordBody{.base64 = encode_base64(page->body)});
  std::string storage;
  const auto text = web::to_utf8(page->body, charset_of(outcome, page->body), storage);
  append_record(out, record, RecordBody{.text = text});
}

}  // namespace trawl::service
