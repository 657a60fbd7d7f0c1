// The crawl's own reader finds them, so that what is listed here is what was followed there.
#include "service/records/page_links.hpp"

#include "core/base/units.hpp"
#include "core/crawl/pages/page_reader.hpp"
#include "core/web/charset/charset.hpp"
#include "core/web/charset/content.hpp"
#include "core/web/feeds/feed.hpp"
#include "core/web/links/link_texts.hpp"
#include "service/records/stored_body.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace trawl::service {
namespace {

constexpr std::size_t page_bytes_max = 64 * 1024 * 1024;
constexpr std::size_t looked_ahead_max = 64;  // links that one reader has and the other not

http::Headers headers_of(const crawl::Outcome& outcome) {
  return {
      {"Content-Type", outcome.charset.empty()
                           ? outcome.content_type
                           : fmt::format("{}; charset={}", outcome.content_type, outcome.charset)}};
}

bool is_in_file(const crawl::Record& record) {
  return record.outcome.archive->file.starts_with("files/");
}

bool is_linking(std::string_view content_type) {
  const auto type = web::parse_media_type(content_type);
  return type.is_html() || type.is_svg() || type.is_css() || web::feed_format(type);
}

// with_body: else only its headers.
Result<StoredPage> read_page(const std::filesystem::path& folder, const crawl::Record& record,
                             bool with_body) {
  StoredPage page;
  std::string head;
  bool head_wanted = !is_in_file(record);
  const auto read =
      read_stored_body(folder, record, {.head = head_wanted}, [&](std::string_view piece) {
        if (std::exchange(head_wanted, false))
          head = piece;
        else
          page.body.append(piece);
        return with_body && page.body.size() <= page_bytes_max;
      });
  if (!read) return std::unexpected(read.error());
  if (page.body.size() > page_bytes_max)
    return fail(Errc::limit_exceeded,
                fmt::format("the page is over {}", human_bytes(page_bytes_max)));
  if (head.empty()) {
    page.headers = headers_of(record.outcome);
    return page;
  }
  auto answer = parse_stored_head(head);
  if (!answer) return std::unexpected(answer.error());
  page.headers = std::move(answer->headers);
  std::erase_if(page.headers, [](const auto& field) {
    return http::same_name(field.first, "content-encoding");  // the body is decoded
  });
  return page;
}

// Both readers go by the document's order, and one of them leaves out what is no link to follow.
void add_texts(PageLinks& found, const StoredPage& page, const crawl::Record& record,
               const web::Url& url) {
  const std::vector<web::Link>& links = found.links;
  std::vector<std::string>& texts = found.texts;
  texts.resize(links.size());
  const auto type = web::parse_media_type(record.outcome.content_type);
  if (!type.is_html()) return;
  std::string storage;
  const std::string& known = record.outcome.charset;
  const auto charset = known.empty() ? web::detect_charset(page.body, "") : known;
  std::vector<web::LinkText> written;
  for (auto& link :
       web::link_texts(web::to_utf8(page.body, charset, storage), type.is_xhtml(), url))
    (link.url.empty() ? found.malformed : written).push_back(std::move(link));
  std::size_t next = 0;
  for (std::size_t i = 0; i < links.size(); ++i) {
    if ((links[i].tag != "a" && links[i].tag != "area") || links[i].attribute != "href") continue;
    std::size_t at = next;
    while (at < written.size() && written[at].url != links[i].url && at - next < looked_ahead_max)
      ++at;
    if (at == written.size() || written[at].url != links[i].url) continue;
    texts[i] = std::move(written[at].text);
    next = at + 1;
  }
}

}  // namespace

Result<StoredPage> read_stored_page(const std::filesystem::path& folder,
                                    const crawl::Record& record, bool with_body) {
  try {
    return read_page(folder, record, with_body);
  } catch (const Failure& failure) {  // a file of files/ that is gone
    if (failure.code() != Errc::io) throw;
    return std::unexpected(failure.error());
  }
}

bool has_linking_body(const crawl::Record& record) {
  return may_have_links(record) && is_linking(record.outcome.content_type);
}

bool may_have_links(const crawl::Record& record) {
  const crawl::Outcome& outcome = record.outcome;
  if (!has_stored_page(outcome) || !outcome.redirect_to.empty()) return false;
  return !is_in_file(record) || is_linking(outcome.content_type);
}

Result<PageLinks> read_page_links(const std::filesystem::path& folder, const crawl::Record& record,
                                  bool with_texts) {
  const std::string& server = record.outcome.served_by;
  const auto url = web::Url::parse(server.empty() ? record.url : server);
  if (!url) return std::unexpected(url.error());
  const auto page = read_stored_page(folder, record, has_linking_body(record));
  if (!page) return std::unexpected(page.error());
  auto facts = crawl::read_page({.url = *url,
                                 .headers = page->headers,
                                 .body = page->body,
                                 .known_sha256 = record.outcome.digest,  // any: it isn't asked for
                                 .want_links = true,
                                 .want_repeats = true});
  PageLinks found{.links = std::move(facts.links), .cut = facts.links_cut};
  if (with_texts) add_texts(found, *page, record, *url);
  return found;
}

}  // namespace trawl::service
