// A host is decided by its shape: brackets make IPv6; a last label that is a number makes IPv4, and
// then it must be one. So no spelling of an address can pass as a name.
#include "core/web/url/url_host.hpp"

#include "core/web/percent.hpp"
#include "core/web/url/idna.hpp"
#include "core/web/url/ip_literal.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace trawl::web {
namespace {

constexpr std::uint8_t forbidden_in_host = 1;
constexpr std::uint8_t forbidden_in_domain = 2;

constexpr std::array<std::uint8_t, 256> make_forbidden() {
  std::array<std::uint8_t, 256> table{};
  constexpr std::string_view host_points("\0\t\n\r #/:<>?@[\\]^|", 17);
  for (std::size_t i = 0; i < 0x20; ++i) table[i] = forbidden_in_domain;
  table[0x7F] = forbidden_in_domain;
  table['%'] = forbidden_in_domain;
  for (const char c : host_points)
    table[static_cast<unsigned char>(c)] = forbidden_in_host | forbidden_in_domain;
  return table;
}

constexpr std::array<std::uint8_t, 256> forbidden = make_forbidden();

bool contains(std::string_view text, std::uint8_t kind) {
  return std::ranges::any_of(
      text, [kind](char c) { return (forbidden[static_cast<unsigned char>(c)] & kind) != 0; });
}

Result<> append_domain(std::string& out, std::string_view text) {
  const std::size_t start = out.size();
  std::string decoded;
  if (text.contains('%')) {
    append_decoded(decoded, text);
    text = decoded;
  }
  if (Result<> ascii = append_ascii_domain(out, text); !ascii) return ascii;
  const std::string_view domain = std::string_view(out).substr(start);
  if (domain.empty()) return fail(Errc::bad_url, "the host is empty");
  if (contains(domain, forbidden_in_domain))
    return fail(Errc::bad_url, "the host has a character that no domain can have");
  if (!ends_in_number(domain)) return {};
  const std::optional<std::uint32_t> address = parse_ipv4(domain);
  if (!address) return fail(Errc::bad_url, "the host ends in a number but is no IPv4 address");
  out.resize(start);
  append_ipv4(out, *address);
  return {};
}

}  // namespace

Result<> append_host(std::string& out, std::string_view text, bool is_special) {
  if (text.starts_with('[')) {
    const std::optional<Ipv6> address =
        text.ends_with(']') ? parse_ipv6(text.substr(1, text.size() - 2)) : std::nullopt;
    if (!address) return fail(Errc::bad_url, "the host in brackets is no IPv6 address");
    out += '[';
    append_ipv6(out, *address);
    out += ']';
    return {};
  }
  if (is_special) return append_domain(out, text);
  if (contains(text, forbidden_in_host))
    return fail(Errc::bad_url, "the host has a character that no host can have");
  append_encoded(out, text, EncodeSet::c0_control);
  return {};
}

bool is_ip_host(std::string_view hostname) {
  return hostname.starts_with('[') || ends_in_number(hostname);
}

}  // namespace trawl::web
