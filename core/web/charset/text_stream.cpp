// The encodings that are based on ASCII never have '<' or a line feed inside a character of
// several bytes, so a block is cut before the last of these and decoded like a whole body. Only the
// body's first block can have a byte order mark: what looks like one further on is a character, or
// malformed.
#include "core/web/charset/text_stream.hpp"

#include "core/web/charset/charset.hpp"
#include "core/web/charset/content.hpp"

#include <algorithm>

namespace trawl::web {
namespace {

constexpr std::size_t uncut_bytes_max = 64 * 1024;  // without a safe place to cut
constexpr std::size_t mark_bytes_max = 3;

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80;
}

// Without a last character that lacks bytes.
std::size_t whole_utf8(std::string_view bytes) {
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, bytes.size()); ++back) {
    const char c = bytes[bytes.size() - back];
    if (is_continuation(c)) continue;
    const auto lead = static_cast<unsigned char>(c);
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    return length > back ? bytes.size() - back : bytes.size();
  }
  return bytes.size();
}

std::size_t whole_utf16(std::string_view bytes, bool little_endian) {
  std::size_t whole = bytes.size() & ~std::size_t{1};
  if (whole == 0) return 0;
  const auto high = static_cast<unsigned char>(bytes[whole - (little_endian ? 1 : 2)]);
  if (high >= 0xD8 && high < 0xDC) whole -= 2;  // the first half of a surrogate pair
  return whole;
}

}  // namespace

TextStream::TextStream(std::string_view charset) : charset_(encoding_name(charset)) {}

std::string_view TextStream::begin(std::string_view head) {
  begun_ = true;
  if (const auto mark = bom_charset(head); !mark.empty()) {
    charset_ = mark;
    head.remove_prefix(mark == "UTF-8" ? 3 : 2);
  }
  if (charset_.empty()) charset_ = "UTF-8";
  if (charset_ == "UTF-8")
    family_ = Family::utf8;
  else if (charset_.starts_with("UTF-16"))
    family_ = Family::utf16;
  else
    family_ = charset_ == "ISO-2022-JP" ? Family::iso2022 : Family::ascii_based;
  return head;
}

std::size_t TextStream::whole_bytes(std::string_view bytes) const {
  if (family_ == Family::utf8) return whole_utf8(bytes);
  if (family_ == Family::utf16) return whole_utf16(bytes, charset_ == "UTF-16LE");
  // ISO-2022-JP goes back to ASCII before each line feed.
  const auto cut = family_ == Family::iso2022 ? bytes.rfind('\n') : bytes.find_last_of("<\n");
  if (cut != bytes.npos && cut > 0) return cut;
  return bytes.size() > uncut_bytes_max ? bytes.size() : 0;
}

std::string_view TextStream::feed(std::string_view block) {
  if (!pending_.empty() || !begun_) {
    pending_.append(block);
    if (!begun_ && pending_.size() < mark_bytes_max) return {};
    input_.swap(pending_);
    pending_.clear();
    block = input_;
  }
  if (!begun_) block = begin(block);
  const std::size_t whole = whole_bytes(block);
  pending_.assign(block.substr(whole));
  return part_to_utf8(block.substr(0, whole), charset_, storage_);
}

std::string_view TextStream::finish() {
  input_.swap(pending_);
  pending_.clear();
  const std::string_view rest = begun_ ? std::string_view{input_} : begin(input_);
  return part_to_utf8(rest, charset_, storage_);
}

}  // namespace trawl::web
