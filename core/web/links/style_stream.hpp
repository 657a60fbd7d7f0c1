#pragma once
// A style sheet as it arrives. Its first limits::style_bytes_max are held, once, as UTF-8.

#include "core/web/charset/text_stream.hpp"
#include "core/web/links/links.hpp"
#include "core/web/url/url.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace trawl::web {

class StyleStream {
 public:
  // header_charset: of the Content-Type, may be empty.
  explicit StyleStream(std::string_view header_charset) : header_charset_(header_charset) {}

  void feed(std::string_view bytes);
  PageLinks finish(const Url& base);
  // After finish().
  const std::string& charset() const { return charset_; }

 private:
  void begin();
  void add_text(std::string_view text);

  std::string header_charset_;
  std::string charset_;
  std::string head_;  // until the charset is known
  std::optional<TextStream> stream_;
  std::string text_;
  bool cut_ = false;
};

}  // namespace trawl::web
