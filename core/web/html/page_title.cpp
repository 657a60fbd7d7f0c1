// A title that a server forgot to close may be megabytes: only as much is decoded as can be kept,
// with room for white space that collapses.

#include "core/web/html/page_title.hpp"

#include "core/base/limits.hpp"
#include "core/web/ascii.hpp"
#include "core/web/html/html_entities.hpp"
#include "core/web/utf8.hpp"

namespace trawl::web {
namespace {

constexpr std::size_t raw_bytes_max = 64 * 1024;

std::string collapsed(std::string_view text) {
  std::string line;
  for (std::string_view word = ascii::next_token(text); !word.empty();
       word = ascii::next_token(text)) {
    if (!line.empty()) line.push_back(' ');
    line.append(word);
  }
  return line;
}

}  // namespace

std::string page_title(std::string_view raw) {
  std::string decoded;
  append_decoded(decoded, raw.substr(0, raw_bytes_max), ReferencePlace::text);
  std::string title;
  utf8::append_repaired(title, collapsed(decoded));
  if (title.size() > limits::title_bytes_max) {
    std::size_t length = limits::title_bytes_max;
    // Not in the middle of a character.
    while (length > 0 && (static_cast<unsigned char>(title[length]) & 0xC0) == 0x80) --length;
    title.resize(length);
  }
  return title;
}

}  // namespace trawl::web
