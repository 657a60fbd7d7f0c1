// The forms follow the standard step by step, because the odd spellings are what attackers use:
// every one of them must come out as the address that a browser would connect to.
#include "core/web/url/ip_literal.hpp"

#include "core/web/percent.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

namespace trawl::web {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr std::uint64_t too_large = std::uint64_t{1} << 32;

// Decimal, 0x hex or 0 octal; more than 32 bits is too_large. "0x" alone is 0.
std::optional<std::uint64_t> parse_ipv4_number(std::string_view text) {
  if (text.empty()) return std::nullopt;
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    text.remove_prefix(2);
    base = 16;
  } else if (text.size() >= 2 && text.front() == '0') {
    text.remove_prefix(1);
    base = 8;
  }
  std::uint64_t value = 0;
  for (const char c : text) {
    const int digit = hex_value(c);
    if (digit < 0 || digit >= base) return std::nullopt;
    value = std::min(value * static_cast<std::uint64_t>(base) + static_cast<std::uint64_t>(digit),
                     too_large);
  }
  return value;
}

// The pieces of an IPv6 address that are written as dotted decimal: exactly four parts.
struct Ipv6Reader {
  std::string_view text;
  std::size_t at = 0;

  bool done() const { return at == text.size(); }
  bool sees(char c) const { return at < text.size() && text[at] == c; }

  // Up to four hex digits; length 0 when there are none.
  std::pair<std::uint16_t, std::size_t> read_piece() {
    unsigned value = 0;
    std::size_t length = 0;
    for (; length < 4 && !done() && hex_value(text[at]) >= 0; ++length, ++at)
      value = value * 16 + static_cast<unsigned>(hex_value(text[at]));
    return {static_cast<std::uint16_t>(value), length};
  }

  // The rest as a dotted-decimal address; no leading zeros, each part at most 255.
  std::optional<std::uint32_t> read_dotted() {
    std::uint32_t address = 0;
    for (int part = 0; part < 4; ++part) {
      if (part > 0) {
        if (!sees('.')) return std::nullopt;
        ++at;
      }
      const std::size_t start = at;
      std::uint32_t value = 0;
      while (!done() && is_digit(text[at])) {
        if (at > start && value == 0) return std::nullopt;
        value = value * 10 + static_cast<std::uint32_t>(text[at++] - '0');
        if (value > 255) return std::nullopt;
      }
      if (at == start) return std::nullopt;
      address = address << 8 | value;
    }
    return done() ? std::optional(address) : std::nullopt;
  }
};

// Where the longest run of at least two zero pieces lies: that is what "::" stands for.
std::pair<std::size_t, std::size_t> longest_zeros(const Ipv6& address) {
  std::size_t best = 0;
  std::size_t best_length = 1;
  for (std::size_t i = 0; i < address.size(); ++i) {
    std::size_t end = i;
    while (end < address.size() && address[end] == 0) ++end;
    if (end - i > best_length) {
      best = i;
      best_length = end - i;
    }
    i = std::max(i, end);
  }
  return best_length > 1 ? std::pair(best, best_length) : std::pair(address.size(), std::size_t{0});
}

}  // namespace

bool ends_in_number(std::string_view domain) {
  if (domain.ends_with('.')) domain.remove_suffix(1);
  const std::size_t dot = domain.rfind('.');
  const std::string_view last = dot == domain.npos ? domain : domain.substr(dot + 1);
  if (last.empty() || !is_digit(last.front())) return false;
  return std::ranges::all_of(last, is_digit) || parse_ipv4_number(last).has_value();
}

std::optional<std::uint32_t> parse_ipv4(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  std::uint64_t address = 0;
  for (unsigned part = 0; part < 4; ++part) {
    const std::size_t dot = text.find('.');
    const std::optional<std::uint64_t> number = parse_ipv4_number(text.substr(0, dot));
    if (!number) return std::nullopt;
    const unsigned bits_left = 32 - 8 * part;
    if (dot == text.npos) {
      if (*number >> bits_left != 0) return std::nullopt;
      return static_cast<std::uint32_t>(address << bits_left | *number);
    }
    if (*number > 255) return std::nullopt;
    address = address << 8 | *number;
    text.remove_prefix(dot + 1);
  }
  return std::nullopt;
}

std::optional<Ipv6> parse_ipv6(std::string_view text) {
  Ipv6 address{};
  std::size_t piece = 0;
  std::optional<std::size_t> compress;
  Ipv6Reader reader{text};
  if (reader.sees(':')) {
    if (!text.starts_with("::")) return std::nullopt;
    reader.at = 2;
    compress = piece = 1;
  }
  while (!reader.done()) {
    if (piece == address.size()) return std::nullopt;
    if (reader.sees(':')) {
      if (compress) return std::nullopt;
      ++reader.at;
      compress = ++piece;
      continue;
    }
    const std::size_t start = reader.at;
    const auto [value, length] = reader.read_piece();
    if (reader.sees('.')) {
      reader.at = start;
      const std::optional<std::uint32_t> dotted =
          length > 0 && piece <= 6 ? reader.read_dotted() : std::nullopt;
      if (!dotted) return std::nullopt;
      address[piece++] = static_cast<std::uint16_t>(*dotted >> 16);
      address[piece++] = static_cast<std::uint16_t>(*dotted & 0xFFFF);
      break;
    }
    if (reader.sees(':')) {
      ++reader.at;
      if (reader.done()) return std::nullopt;
    } else if (!reader.done()) {
      return std::nullopt;
    }
    address[piece++] = value;
  }
  if (compress) {
    // What stands after "::" belongs to the end.
    std::rotate(address.begin() + static_cast<std::ptrdiff_t>(*compress),
                address.begin() + static_cast<std::ptrdiff_t>(piece), address.end());
  } else if (piece != address.size()) {
    return std::nullopt;
  }
  return address;
}

void append_ipv4(std::string& out, std::uint32_t address) {
  fmt::format_to(std::back_inserter(out), "{}.{}.{}.{}", address >> 24, address >> 16 & 0xFF,
                 address >> 8 & 0xFF, address & 0xFF);
}

void append_ipv6(std::string& out, const Ipv6& address) {
  const auto [zeros, length] = longest_zeros(address);
  for (std::size_t i = 0; i < address.size(); ++i) {
    if (i == zeros) {
      out += i == 0 ? "::" : ":";
      i += length - 1;
      continue;
    }
    fmt::format_to(std::back_inserter(out), "{:x}", address[i]);
    if (i + 1 < address.size()) out += ':';
  }
}

}  // namespace trawl::web
