// inet_pton does the parsing: it takes exactly the numeric forms and none of inet_aton's octal, hex
// or short ones, which have no place in a list of networks.
#include "core/http/address/ip_address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace trawl::http {
namespace {

constexpr std::uint32_t mapped_marker = 0x0000FFFF;

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  if (text.size() >= buffer.size() || text.contains('\0')) return std::nullopt;
  std::ranges::copy(text, buffer.begin());
  IpAddress address;
  if (inet_pton(AF_INET, buffer.data(), address.bytes_.data()) == 1) return address;
  address.family_ = Family::v6;
  if (inet_pton(AF_INET6, buffer.data(), address.bytes_.data()) == 1) return address;
  return std::nullopt;
}

std::optional<IpAddress> IpAddress::from_sockaddr(const sockaddr* address) {
  if (address == nullptr) return std::nullopt;
  IpAddress result;
  // Copies, because the caller's storage need not be aligned for the specific type.
  if (address->sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, address, sizeof v4);
    std::memcpy(result.bytes_.data(), &v4.sin_addr, 4);
    return result;
  }
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, address, sizeof v6);
    result.family_ = Family::v6;
    std::memcpy(result.bytes_.data(), &v6.sin6_addr, 16);
    return result;
  }
  return std::nullopt;
}

IpAddress IpAddress::v4(std::uint32_t bits) {
  IpAddress address;
  for (std::size_t i = 0; i < 4; ++i) {
    address.bytes_[i] = static_cast<std::uint8_t>(bits >> (24 - 8 * i));
  }
  return address;
}

std::uint32_t IpAddress::word(std::size_t offset) const {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | bytes_.at(offset + i);
  return value;
}

std::optional<IpAddress> IpAddress::mapped_v4() const {
  if (is_v4() || word(0) != 0 || word(4) != 0 || word(8) != mapped_marker) return std::nullopt;
  return v4(word(12));
}

IpAddress IpAddress::masked(int prefix_bits) const {
  IpAddress result = *this;
  for (std::uint8_t& byte : result.bytes_) {
    const int kept = std::clamp(prefix_bits, 0, 8);
    byte = static_cast<std::uint8_t>(byte & (0xFF00 >> kept));
    prefix_bits -= kept;
  }
  return result;
}

std::string IpAddress::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  inet_ntop(is_v4() ? AF_INET : AF_INET6, bytes_.data(), buffer.data(), buffer.size());
  return buffer.data();
}

Result<IpNetwork> IpNetwork::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) {
    return fail(Errc::config, fmt::format("\"{}\" is not a network such as 10.0.0.0/8", text));
  }
  const int bits_max = address->is_v4() ? 32 : 128;
  IpNetwork network{*address, bits_max};
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [stop, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), network.prefix_bits);
    if (digits.empty() || stop != digits.data() + digits.size() || error != std::errc{} ||
        network.prefix_bits < 0 || network.prefix_bits > bits_max || digits.front() == '-') {
      return fail(Errc::config,
                  fmt::format("\"{}\": the part after the slash must be 0 to {}", text, bits_max));
    }
  }
  const IpAddress meant = address->masked(network.prefix_bits);
  if (meant != *address) {
    return fail(Errc::config, fmt::format("\"{}\" has bits beyond its prefix; did you mean {}/{}?",
                                          text, meant.to_string(), network.prefix_bits));
  }
  return network;
}

bool IpNetwork::contains(const IpAddress& other) const {
  return other.family() == address.family() && other.masked(prefix_bits) == address;
}

}  // namespace trawl::http
