#pragma once
// One stored body, its links changed for offline reading. Pure.

#include "core/web/links/link_rewriter.hpp"
#include "core/web/url/url.hpp"
#include "service/offline/names.hpp"

#include <string>
#include <string_view>

namespace trawl::service {

struct StoredText {
  std::string_view body;
  std::string_view charset;  // of the record: what the server or the page said
  const web::Url& url;
  OfflineType type = OfflineType::html;  // html, xhtml or css
};

// In the encoding of the original. An HTML page that only its server's header says the encoding of
// gets a <meta charset>, as nobody sends that header with a file.
std::string convert_links(const StoredText& text, const web::LinkChange& change);

}  // namespace trawl::service
