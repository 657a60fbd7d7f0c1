// Most pages are ASCII with islands of other letters: runs of ASCII are skipped by the chunk, and a
// sequence of two to four bytes is judged by its lead byte and the range its second byte may have.

#include "core/web/utf8.hpp"

#include "core/web/byte_scan.hpp"

namespace trawl::web::utf8 {
namespace {

struct Sequence {
  std::size_t length = 0;  // of the valid sequence, or of the malformed part to replace
  bool valid = false;
};

// The sequence at `at`, whose first byte is above 0x7F (table 3-7 of the Unicode standard).
Sequence sequence_at(const char* at, const char* end) {
  const auto byte = [at](std::size_t i) { return static_cast<unsigned char>(at[i]); };
  const unsigned lead = byte(0);
  std::size_t length = 0;
  unsigned low = 0x80;
  unsigned high = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
  } else {
    return {1, false};
  }
  const auto available = static_cast<std::size_t>(end - at);
  for (std::size_t i = 1; i < length; ++i) {
    if (i == available || byte(i) < low || byte(i) > high) return {i, false};
    low = 0x80;
    high = 0xBF;
  }
  return {length, true};
}

const char* skip_ascii(const char* at, const char* end) {
  while (end - at >= 64 && scan::all_ascii(at, at + 64)) at += 64;
  while (end - at >= 8 && scan::all_ascii(at, at + 8)) at += 8;
  while (at != end && static_cast<unsigned char>(*at) < 0x80) ++at;
  return at;
}

const char* skip_valid(const char* at, const char* end) {
  while (at != end) {
    if (static_cast<unsigned char>(*at) < 0x80) {
      at = skip_ascii(at, end);
      continue;
    }
    const Sequence sequence = sequence_at(at, end);
    if (!sequence.valid) break;
    at += sequence.length;
  }
  return at;
}

}  // namespace

std::size_t valid_prefix(std::string_view text) {
  const char* end = text.data() + text.size();
  return static_cast<std::size_t>(skip_valid(text.data(), end) - text.data());
}

void append(std::string& out, char32_t scalar) {
  const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (scalar > 0x10FFFF || (scalar >= 0xD800 && scalar <= 0xDFFF)) {
    out.append(replacement);
  } else if (scalar < 0x80) {
    put(scalar);
  } else if (scalar < 0x800) {
    put(0xC0 | (scalar >> 6));
    put(0x80 | (scalar & 0x3F));
  } else if (scalar < 0x10000) {
    put(0xE0 | (scalar >> 12));
    put(0x80 | ((scalar >> 6) & 0x3F));
    put(0x80 | (scalar & 0x3F));
  } else {
    put(0xF0 | (scalar >> 18));
    put(0x80 | ((scalar >> 12) & 0x3F));
    put(0x80 | ((scalar >> 6) & 0x3F));
    put(0x80 | (scalar & 0x3F));
  }
}

void append_repaired(std::string& out, std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    const char* stop = skip_valid(at, end);
    out.append(at, stop);
    if (stop == end) break;
    out.append(replacement);
    at = stop + sequence_at(stop, end).length;
  }
}

}  // namespace trawl::web::utf8
