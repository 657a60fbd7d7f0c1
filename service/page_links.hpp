#pragma once
// The links of a page that a crawl has kept, read from its body once more.

#include "core/base/result.hpp"
#include "core/crawl/record.hpp"
#include "core/http/message.hpp"
#include "core/web/links.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace trawl::service {

// Whether the record has a body that may have links: a page, a style sheet, a feed, an SVG image.
// Of a redirect the crawl follows where it leads, and not what its body links to.
bool may_have_links(const crawl::Record& record);

struct StoredPage {
  http::Headers headers;  // with bodies = "files" the type alone
  std::string body;       // decoded
};

// Whole, in memory. folder: the output folder. Errors: those of read_stored_body(), io;
// limit_exceeded for one that is too large to be held.
Result<StoredPage> read_stored_page(const std::filesystem::path& folder,
                                    const crawl::Record& record);

struct PageLinks {
  std::vector<web::Link> links;
  bool cut = false;  // there are more than limits::links_per_page_max
};

// As the crawl found them: those of the Link header first (not with bodies = "files", which keeps
// no headers), then in document order, each as often as it is there. Errors: as read_stored_page().
Result<PageLinks> read_page_links(const std::filesystem::path& folder, const crawl::Record& record);

}  // namespace trawl::service
