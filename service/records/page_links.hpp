#pragma once
// The links of a page that a crawl has kept, read from its body once more.

#include "core/base/result.hpp"
#include "core/crawl/state/record.hpp"
#include "core/http/message/message.hpp"
#include "core/web/links/link_texts.hpp"
#include "core/web/links/links.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace trawl::service {

// Whether the record has a body that may have links: a page, a style sheet, a feed, an SVG image.
bool has_linking_body(const crawl::Record& record);
// Whether it may have any: also those of the Link header, which a WARC file keeps with any body. Of
// a redirect the crawl follows where it leads, and nothing else.
bool may_have_links(const crawl::Record& record);

struct StoredPage {
  http::Headers headers;  // with bodies = "files" the type alone
  std::string body;       // decoded
};

// Whole, in memory. folder: the output folder. with_body: else the headers alone. Errors: those of
// read_stored_body(), io; limit_exceeded for one that is too large to be held.
Result<StoredPage> read_stored_page(const std::filesystem::path& folder,
                                    const crawl::Record& record, bool with_body = true);

struct PageLinks {
  std::vector<web::Link> links;
  std::vector<std::string> texts = {};        // of each link what readers see; empty: not asked for
  std::vector<web::LinkText> malformed = {};  // of an HTML page's <a> and <area>; likewise
  bool cut = false;                           // there are more than limits::links_per_page_max
};

// As the crawl found them: those of the Link header first (not with bodies = "files", which keeps
// no headers), then in document order, each as often as it is there. with_texts: as they are in an
// HTML page, and those that are no URLs. Errors: as read_stored_page().
Result<PageLinks> read_page_links(const std::filesystem::path& folder, const crawl::Record& record,
                                  bool with_texts = false);

}  // namespace trawl::service
