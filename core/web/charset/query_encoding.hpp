#pragma once
// Queries of pages that are not UTF-8: a browser sends them in the page's own encoding.

#include "core/web/charset/charset_encode.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace trawl::web {

class QueryEncoder {
 public:
  // charset: the Encoding standard's name.
  explicit QueryEncoder(std::string_view charset);

  // url as written in such a page, with the characters beyond ASCII of its query percent-encoded in
  // the encoding, and those that it lacks as "&#…;" (URL standard, section 1.3: percent-encode
  // after encoding). The view is url itself where there is nothing to do: for UTF-8 and UTF-16, for
  // other schemes than http(s), and where the query is ASCII. Else it holds until the next call.
  // url: UTF-8.
  std::string_view encode(std::string_view url);

 private:
  void append(char32_t character);
  void append_bytes();

  std::string_view charset_;
  std::optional<CharsetEncoder> encoder_;  // absent: queries are sent as UTF-8
  std::string bytes_;                      // of one character
  std::string out_;
};

}  // namespace trawl::web
