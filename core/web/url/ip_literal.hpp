#pragma once
// IP addresses as URLs write them: the IPv4 and IPv6 parsers and serialisers of the URL standard,
// sections 3.5 and 3.6. More spellings than inet_pton takes: hex, octal, fewer parts.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::web {

using Ipv6 = std::array<std::uint16_t, 8>;  // pieces in the order of the text

// The standard's "ends in a number checker": such a host is an IPv4 address or no host at all.
bool ends_in_number(std::string_view domain);

std::optional<std::uint32_t> parse_ipv4(std::string_view text);
std::optional<Ipv6> parse_ipv6(std::string_view text);  // without brackets

void append_ipv4(std::string& out, std::uint32_t address);
void append_ipv6(std::string& out, const Ipv6& address);

}  // namespace trawl::web
