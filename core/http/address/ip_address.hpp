#pragma once
// An IPv4 or IPv6 address as a value, and a network of them. Numeric forms only, never a name.

#include "core/base/result.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct sockaddr;

namespace trawl::http {

class IpAddress {
 public:
  enum class Family : std::uint8_t { v4, v6 };

  // "192.0.2.1" (four decimal numbers, nothing else) or "2001:db8::1" (RFC 4291, 2.2; no zone).
  static std::optional<IpAddress> parse(std::string_view text);
  // AF_INET or AF_INET6, complete; absent for other families. Port, flow and scope are ignored.
  static std::optional<IpAddress> from_sockaddr(const sockaddr* address);
  static IpAddress v4(std::uint32_t bits);  // in host byte order: 0x7F000001 is 127.0.0.1

  Family family() const { return family_; }
  bool is_v4() const { return family_ == Family::v4; }
  // 4 or 16 bytes in network order.
  std::span<const std::uint8_t> bytes() const { return {bytes_.data(), is_v4() ? 4U : 16U}; }
  // Four bytes from `offset` on as a number in host byte order.
  std::uint32_t word(std::size_t offset) const;

  // The IPv4 address inside an IPv4-mapped IPv6 address (::ffff:0:0/96).
  std::optional<IpAddress> mapped_v4() const;
  // The same address with the bits beyond the prefix cleared.
  IpAddress masked(int prefix_bits) const;
  std::string to_string() const;
  bool operator==(const IpAddress&) const = default;

 private:
  Family family_ = Family::v4;
  std::array<std::uint8_t, 16> bytes_{};
};

// A CIDR block.
struct IpNetwork {
  IpAddress address;  // the bits beyond the prefix are zero
  int prefix_bits = 0;

  // "10.0.0.0/8", "fc00::/7"; an address alone is a network of one. Errors: Errc::config, also when
  // bits beyond the prefix are set, with the network that was probably meant.
  static Result<IpNetwork> parse(std::string_view text);
  bool contains(const IpAddress& other) const;
};

}  // namespace trawl::http
