// One table holds all sets, a bit for each, so that encoding costs a look-up a byte and text that
// needs no encoding is copied in runs.
#include "core/web/percent.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace trawl::web {
namespace {

constexpr std::uint8_t bit(EncodeSet set) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(set));
}

constexpr std::array<std::uint8_t, 256> make_sets() {
  std::array<std::uint8_t, 256> sets{};
  const auto add = [&sets](std::string_view bytes, std::uint8_t bits) {
    for (const char c : bytes) sets[static_cast<unsigned char>(c)] |= bits;
  };
  for (std::size_t i = 0; i < sets.size(); ++i)
    if (i < 0x20 || i > 0x7E) sets[i] = 0xFF;
  constexpr std::uint8_t userinfo = bit(EncodeSet::userinfo);
  constexpr std::uint8_t path = userinfo | bit(EncodeSet::path);
  constexpr std::uint8_t query = path | bit(EncodeSet::query) | bit(EncodeSet::special_query);
  add(" \"<>", query | bit(EncodeSet::fragment));
  add("`", bit(EncodeSet::fragment) | path);
  add("#", query);
  add("'", bit(EncodeSet::special_query));
  add("?^{}", path);
  add("/:;=@[\\]|", userinfo);
  return sets;
}

constexpr std::array<std::uint8_t, 256> encode_sets = make_sets();
constexpr std::string_view hex_digits = "0123456789ABCDEF";

// Whether a hex digit appended to out would complete an escape that wasn't one: the stray % of
// "%%36%31" must not meet decoded digits, or the form would change its meaning.
bool would_complete_escape(std::string_view out, char c) {
  if (hex_value(c) < 0) return false;
  if (out.ends_with('%')) return true;
  return out.size() >= 2 && out[out.size() - 2] == '%' && hex_value(out.back()) >= 0;
}

char upper_hex(char c) {
  return c >= 'a' && c <= 'f' ? static_cast<char>(c - 0x20) : c;
}

}  // namespace

void append_encoded(std::string& out, std::string_view text, EncodeSet set) {
  const std::uint8_t mask = bit(set);
  std::size_t run = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((encode_sets[byte] & mask) == 0) continue;
    out.append(text, run, i - run);
    const char triplet[3] = {'%', hex_digits[byte >> 4], hex_digits[byte & 0xF]};
    out.append(triplet, sizeof triplet);
    run = i + 1;
  }
  out.append(text, run);
}

void append_decoded(std::string& out, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high >= 0 && low >= 0) {
        out += static_cast<char>(high * 16 + low);
        i += 2;
        continue;
      }
    }
    out += text[i];
  }
}

// A % that begins no escape stays: servers see what a browser would send.
void append_normalised(std::string& out, std::string_view text) {
  const std::size_t start = out.size();
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t escape = std::min(text.find('%', i), text.size());
    out.append(text, i, escape - i);
    if (escape == text.size()) return;
    i = escape + 1;
    const int high = i + 1 < text.size() ? hex_value(text[i]) : -1;
    const int low = i + 1 < text.size() ? hex_value(text[i + 1]) : -1;
    if (high < 0 || low < 0) {
      out += '%';
      continue;
    }
    const auto byte = static_cast<unsigned char>(high * 16 + low);
    const char decoded = static_cast<char>(byte);
    if (is_unreserved(byte) &&
        !would_complete_escape(std::string_view(out).substr(start), decoded)) {
      out += decoded;
    } else {
      out.append({'%', upper_hex(text[i]), upper_hex(text[i + 1])});
    }
    i += 2;
  }
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool is_unreserved(unsigned char c) {
  const unsigned char lower = c | 0x20U;
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace trawl::web
