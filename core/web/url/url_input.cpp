// Most inputs need no change inside: one pass decides that, and only the others pay for a copy.
#include "core/web/url/url_input.hpp"

#include <cstddef>

namespace trawl::web {
namespace {

bool is_c0_or_space(char c) {
  return static_cast<unsigned char>(c) <= 0x20;
}
bool is_tab_or_newline(char c) {
  return c == '\t' || c == '\n' || c == '\r';
}

struct Sequence {
  std::size_t size = 1;  // bytes to take; at least 1
  bool valid = false;    // false: they stand for one U+FFFD
};

// Encoding standard, section 8.1.1 (UTF-8 decoder): a malformed sequence ends before the first byte
// that can't continue it.
Sequence utf8_sequence(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {1, true};
  if (lead < 0xC2 || lead > 0xF4) return {};
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  unsigned char lower = 0x80;
  unsigned char upper = 0xBF;
  if (lead == 0xE0) lower = 0xA0;
  if (lead == 0xED) upper = 0x9F;
  if (lead == 0xF0) lower = 0x90;
  if (lead == 0xF4) upper = 0x8F;
  for (std::size_t i = 1; i < length; ++i) {
    if (i == text.size() || byte(i) < lower || byte(i) > upper) return {i, false};
    lower = 0x80;
    upper = 0xBF;
  }
  return {length, true};
}

bool needs_no_change(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    if (is_tab_or_newline(text[i])) return false;
    const Sequence sequence = utf8_sequence(text.substr(i));
    if (!sequence.valid) return false;
    i += sequence.size;
  }
  return true;
}

}  // namespace

std::string_view clean_url_input(std::string_view input, std::string& storage) {
  while (!input.empty() && is_c0_or_space(input.front())) input.remove_prefix(1);
  while (!input.empty() && is_c0_or_space(input.back())) input.remove_suffix(1);
  if (needs_no_change(input)) return input;
  storage.reserve(input.size());
  // Decoding comes first: a tab inside a sequence breaks it, it doesn't join its halves.
  for (std::size_t i = 0; i < input.size();) {
    const Sequence sequence = utf8_sequence(input.substr(i));
    if (!sequence.valid) {
      storage += "\xEF\xBF\xBD";
    } else if (!is_tab_or_newline(input[i])) {
      storage.append(input, i, sequence.size);
    }
    i += sequence.size;
  }
  return storage;
}

}  // namespace trawl::web
