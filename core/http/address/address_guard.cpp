// The tables are IANA's special-purpose registries, stricter in four places: 192.0.0.0/24 and
// 2001::/23 are refused whole (nothing in them serves web pages), 192.88.99.0/24 is gone (RFC
// 7526), and of IPv6 only what IANA has given out for unicast (2000::/3) is global at all.
#include "core/http/address/address_guard.hpp"

#include <algorithm>
#include <array>

namespace trawl::http {
namespace {

struct Block4 {
  std::uint32_t network;
  int prefix_bits;
  std::string_view name;
};

struct Block6 {
  std::uint32_t high, low;  // the first 64 bits
  int prefix_bits;          // at most 64
  std::string_view name;
};

// In the order in which they are asked: single addresses before the networks around them.
constexpr auto blocks4 = std::to_array<Block4>({
    {0xA9FEA9FE, 32, "metadata"},       // 169.254.169.254: most clouds
    {0xA9FEAA02, 32, "metadata"},       // 169.254.170.2: container credentials
    {0x646464C8, 32, "metadata"},       // 100.100.100.200: Alibaba Cloud
    {0xC00000C0, 32, "metadata"},       // 192.0.0.192: Oracle Cloud
    {0xA83F8110, 32, "metadata"},       // 168.63.129.16: Azure; a public address that is not one
    {0x00000000, 32, "unspecified"},    // 0.0.0.0
    {0x00000000, 8, "reserved"},        // this network
    {0x0A000000, 8, "private"},         // RFC 1918
    {0x64400000, 10, "shared"},         // carrier-grade NAT, RFC 6598
    {0x7F000000, 8, "loopback"},        //
    {0xA9FE0000, 16, "link_local"},     //
    {0xAC100000, 12, "private"},        // RFC 1918
    {0xC0000000, 24, "reserved"},       // protocol assignments
    {0xC0000200, 24, "documentation"},  // TEST-NET-1
    {0xC0586300, 24, "reserved"},       // 6to4 relays, withdrawn
    {0xC0A80000, 16, "private"},        // RFC 1918
    {0xC6120000, 15, "benchmark"},      // RFC 2544
    {0xC6336400, 24, "documentation"},  // TEST-NET-2
    {0xCB007100, 24, "documentation"},  // TEST-NET-3
    {0xE0000000, 4, "multicast"},       //
    {0xFFFFFFFF, 32, "broadcast"},      //
    {0xF0000000, 4, "reserved"},        //
});

constexpr auto blocks6 = std::to_array<Block6>({
    {0x0064FF9B, 0x00010000, 48, "private"},        // local NAT64, RFC 8215
    {0x01000000, 0x00000000, 64, "discard"},        // RFC 6666
    {0x20010000, 0x00000000, 32, "teredo"},         // RFC 4380
    {0x20010002, 0x00000000, 48, "benchmark"},      // RFC 5180
    {0x20010000, 0x00000000, 23, "reserved"},       // protocol assignments
    {0x20010DB8, 0x00000000, 32, "documentation"},  // RFC 3849
    {0x3FFF0000, 0x00000000, 20, "documentation"},  // RFC 9637
    {0xFD000EC2, 0x00000000, 64, "metadata"},       // fd00:ec2::254 and its neighbours: AWS
    {0xFC000000, 0x00000000, 7, "private"},         // unique local, RFC 4193
    {0xFE800000, 0x00000000, 10, "link_local"},     //
    {0xFEC00000, 0x00000000, 10, "private"},        // site-local, RFC 3879
    {0xFF000000, 0x00000000, 8, "multicast"},       //
});

constexpr std::uint64_t first64(std::uint32_t high, std::uint32_t low) {
  return std::uint64_t{high} << 32 | low;
}

std::optional<std::string_view> special_v4(std::uint32_t bits) {
  for (const Block4& block : blocks4) {
    if ((bits ^ block.network) >> (32 - block.prefix_bits) == 0) return block.name;
  }
  return std::nullopt;
}

// The IPv4 address that a packet to this IPv6 address ends at.
std::optional<std::uint32_t> embedded_v4(const IpAddress& address) {
  if (address.mapped_v4()) return address.word(12);
  if (address.word(0) >> 16 == 0x2002) return address.word(2);  // 6to4, RFC 3056
  const bool nat64 = address.word(0) == 0x0064FF9B && address.word(4) == 0 && address.word(8) == 0;
  if (nat64) return address.word(12);  // 64:ff9b::/96, RFC 6052
  return std::nullopt;
}

std::optional<std::string_view> special_v6(const IpAddress& address) {
  if (const auto inner = embedded_v4(address)) return special_v4(*inner);
  const std::uint64_t high = first64(address.word(0), address.word(4));
  if (high == 0 && address.word(8) == 0) {
    if (address.word(12) == 0) return "unspecified";
    if (address.word(12) == 1) return "loopback";
  }
  for (const Block6& block : blocks6) {
    if ((high ^ first64(block.high, block.low)) >> (64 - block.prefix_bits) == 0) return block.name;
  }
  if (high >> 61 != 1) return "reserved";  // outside 2000::/3
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> special_purpose(const IpAddress& address) {
  return address.is_v4() ? special_v4(address.word(0)) : special_v6(address);
}

Result<AddressGuard> AddressGuard::create(const std::vector<std::string>& allowed_cidrs) {
  AddressGuard guard;
  for (const std::string& text : allowed_cidrs) {
    auto network = IpNetwork::parse(text);
    if (!network) return std::unexpected(std::move(network.error()));
    guard.allowed_.push_back(*network);
  }
  return guard;
}

bool AddressGuard::allows(const sockaddr* address) const {
  const auto ip = IpAddress::from_sockaddr(address);
  return ip && !refusal(*ip);
}

std::optional<std::string_view> AddressGuard::refusal(const IpAddress& address) const {
  const auto special = special_purpose(address);
  if (!special) return std::nullopt;
  // A mapped address is a connection over IPv4, so the networks of the job mean it as well. Those
  // of 6to4 and NAT64 leave through a gateway, into some other network of the same numbers.
  const IpAddress target = address.mapped_v4().value_or(address);
  const auto contains = [&](const IpNetwork& network) {
    return network.contains(target) || network.contains(address);
  };
  if (std::ranges::any_of(allowed_, contains)) return std::nullopt;
  return special;
}

}  // namespace trawl::http
