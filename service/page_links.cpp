// The crawl's own reader finds them, so that what is listed here is what was followed there.
#include "service/page_links.hpp"

#include "core/base/units.hpp"
#include "core/crawl/page_reader.hpp"
#include "core/web/content.hpp"
#include "core/web/feed.hpp"
#include "service/stored_body.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace trawl::service {
namespace {

constexpr std::size_t page_bytes_max = 64 * 1024 * 1024;

http::Headers headers_of(const crawl::Outcome& outcome) {
  return {
      {"Content-Type", outcome.charset.empty()
                           ? outcome.content_type
                           : fmt::format("{}; charset={}", outcome.content_type, outcome.charset)}};
}

Result<StoredPage> read_page(const std::filesystem::path& folder, const crawl::Record& record) {
  StoredPage page;
  std::string head;
  bool head_wanted = !record.outcome.archive->file.starts_with("files/");
  const auto read =
      read_stored_body(folder, record, {.head = head_wanted}, [&](std::string_view piece) {
        if (std::exchange(head_wanted, false))
          head = piece;
        else
          page.body.append(piece);
        return page.body.size() <= page_bytes_max;
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

}  // namespace

Result<StoredPage> read_stored_page(const std::filesystem::path& folder,
                                    const crawl::Record& record) {
  try {
    return read_page(folder, record);
  } catch (const Failure& failure) {  // a file of files/ that is gone
    if (failure.code() != Errc::io) throw;
    return std::unexpected(failure.error());
  }
}

bool may_have_links(const crawl::Record& record) {
  if (!has_stored_page(record.outcome) || !record.outcome.redirect_to.empty()) return false;
  const auto type = web::parse_media_type(record.outcome.content_type);
  return type.is_html() || type.is_svg() || type.is_css() || web::feed_format(type);
}

Result<PageLinks> read_page_links(const std::filesystem::path& folder,
                                  const crawl::Record& record) {
  const std::string& server = record.outcome.served_by;
  const auto url = web::Url::parse(server.empty() ? record.url : server);
  if (!url) return std::unexpected(url.error());
  const auto page = read_stored_page(folder, record);
  if (!page) return std::unexpected(page.error());
  auto facts = crawl::read_page({.url = *url,
                                 .headers = page->headers,
                                 .body = page->body,
                                 .known_sha256 = record.outcome.digest,  // any: it isn't asked for
                                 .want_links = true,
                                 .want_repeats = true});
  return PageLinks{.links = std::move(facts.links), .cut = facts.links_cut};
}

}  // namespace trawl::service
