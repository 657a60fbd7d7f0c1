#pragma once
// Reads a fetched body: undoes its content coding, digests it, finds its charset, title and links.
// Pure CPU work over memory or a file; small bodies on the loop, heavy ones on a worker.

#include "core/base/result.hpp"
#include "core/crawl/job/job.hpp"
#include "core/http/message/message.hpp"
#include "core/web/digest.hpp"
#include "core/web/html/text_words.hpp"
#include "core/web/links/links.hpp"
#include "core/web/url/url.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::crawl {

struct PageSource {
  const web::Url& url;
  const http::Headers& headers;
  std::string_view body;  // when body_file is empty
  std::string body_file;
  std::string known_sha256;  // of the body; empty: not known
  // Of a coded body, decoded, too.
  std::optional<web::Hasher::Algorithm> more_digest = {};
  std::string block_head;  // to be digested together with the body; empty: nothing to be
  std::optional<std::uint64_t> decoded_bytes_max;
  bool want_links = false;
  bool want_repeats = false;  // of a page's links: each, not just where they lead
  bool want_words = false;    // of pages
  std::string_view robots_token;
};

struct PageFacts {
  std::string content_type;  // media type essence
  std::string charset;
  std::string title;
  std::string sha256;        // hex, of the decoded body
  std::string more_digest;   // hex, of the same
  std::string block_sha256;  // hex, of block_head and a body in memory that is not coded; or empty
  std::uint64_t decoded_bytes = 0;
  bool truncated = false;        // the decoded bound was reached
  web::RobotsDirectives robots;  // meta robots and X-Robots-Tag
  bool links_cut = false;        // the page has more than limits.hpp allows
  std::optional<Error> decode_error;
  std::string note;  // max_body, decode_ratio, trailing_data
  std::vector<web::Link> links;
  web::TextTokens text;  // when words were wanted
};

PageFacts read_page(const PageSource& source);

}  // namespace trawl::crawl
