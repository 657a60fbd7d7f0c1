// The tokenizer needs whole tokens, so a piece is read up to its last whole one, and the rest waits
// for more. When nothing of a piece could be read, the next attempt waits for twice as much, which
// keeps the whole linear.
#include "core/web/links/page_stream.hpp"

#include "core/base/limits.hpp"
#include "core/web/charset/charset.hpp"
#include "core/web/charset/content.hpp"
#include "core/web/xml/xml_reader.hpp"

#include <algorithm>
#include <utility>

namespace trawl::web {
namespace {

std::size_t ascii_prefix(std::string_view text) {
  const auto found = std::ranges::find_if(text, [](char c) { return (c & 0x80) != 0; });
  return static_cast<std::size_t>(found - text.begin());
}

}  // namespace

PageStream::PageStream(const MediaType& type, std::string_view robots_token)
    : header_charset_(type.charset),
      xhtml_(type.is_xhtml() || type.is_svg()),
      reader_(robots_token, xhtml_ ? PageReader::Syntax::xhtml : PageReader::Syntax::html),
      read_at_bytes_(limits::page_piece_bytes) {}

void PageStream::feed(std::string_view bytes) {
  if (begun_) return decode(bytes);
  head_.append(bytes);
  if (head_.size() > limits::page_piece_bytes) begin();
}

std::string PageStream::whole_charset(std::string_view page) const {
  return xhtml_ ? xml_charset(page, header_charset_) : detect_charset(page, header_charset_);
}

void PageStream::begin() {
  begun_ = true;
  charset_ = xhtml_ ? whole_charset(head_) : declared_charset(head_, header_charset_);
  if (charset_.empty())
    late_ = late_charset(head_);
  else
    stream_.emplace(charset_);
  decode(std::exchange(head_, {}));
}

void PageStream::decode(std::string_view bytes) {
  if (!stream_) {
    const std::size_t ascii = ascii_prefix(bytes);
    add_text(bytes.substr(0, ascii));
    bytes.remove_prefix(ascii);
    if (bytes.empty()) return;
    decide(bytes);
  }
  add_text(stream_->feed(bytes));
}

void PageStream::decide(std::string_view bytes) {
  charset_ = is_utf8_but_for_its_end(bytes) ? "UTF-8" : late_;
  stream_.emplace(charset_);
}

void PageStream::add_text(std::string_view text) {
  if (over_) return;
  text_.append(text);
  if (text_.size() < read_at_bytes_) return;
  text_.erase(0, reader_.read(text_, false));
  if (text_.size() > limits::page_token_bytes_max) {
    over_ = true;
    text_ = {};
  }
  read_at_bytes_ =
      std::clamp(2 * text_.size(), limits::page_piece_bytes, limits::page_token_bytes_max + 1);
}

PageLinks PageStream::finish(const Url& base, std::string_view bytes) {
  if (!begun_) {
    if (!head_.empty()) head_.append(bytes);
    const std::string_view page = head_.empty() ? bytes : std::string_view{head_};
    charset_ = whole_charset(page);
    std::string storage;
    reader_.read(to_utf8(page, charset_, storage), true);
    return resolve_links(reader_, base, charset_);
  }
  decode(bytes);
  if (stream_) add_text(stream_->finish());
  if (charset_.empty()) charset_ = "UTF-8";
  reader_.read(text_, true);
  PageLinks page = resolve_links(reader_, base, charset_);
  page.links_cut |= over_;
  return page;
}

}  // namespace trawl::web
