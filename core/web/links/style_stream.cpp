// Sheets are small, but for hostile ones; so the text is gathered, and only its size is bounded.
#include "core/web/links/style_stream.hpp"

#include "core/base/limits.hpp"
#include "core/web/charset/content.hpp"

#include <utility>

namespace trawl::web {
namespace {

constexpr std::size_t head_bytes = 1024;  // where a @charset can be

}  // namespace

void StyleStream::feed(std::string_view bytes) {
  if (stream_) return add_text(stream_->feed(bytes));
  head_.append(bytes);
  if (head_.size() >= head_bytes) begin();
}

void StyleStream::begin() {
  charset_ = style_charset(head_, header_charset_);
  stream_.emplace(charset_);
  add_text(stream_->feed(head_));
  head_ = {};
}

void StyleStream::add_text(std::string_view text) {
  cut_ |= text.size() > limits::style_bytes_max - text_.size();
  text_.append(text.substr(0, limits::style_bytes_max - text_.size()));
}

PageLinks StyleStream::finish(const Url& base) {
  if (!stream_) begin();
  add_text(stream_->finish());
  PageLinks sheet;
  sheet.base_url = base.href();
  sheet.links = extract_css_links(text_, base);
  sheet.links_cut = cut_;
  return sheet;
}

}  // namespace trawl::web
