#pragma once
// Where a name server listens.

#include "core/base/result.hpp"
#include "core/http/address/ip_address.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace trawl::http::dns {

struct ServerAddress {
  IpAddress address;
  std::uint16_t port = 53;

  // "192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:5353". Errors: Errc::config.
  static Result<ServerAddress> parse(std::string_view text);
  std::string to_string() const;  // always with the port
  bool operator==(const ServerAddress&) const = default;
};

}  // namespace trawl::http::dns
