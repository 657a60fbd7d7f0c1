#pragma once
// AddressGuard: which addresses trawl connects to. Asked for the socket address, after name
// resolution and right before connect(), because neither the text of a URL nor an earlier DNS
// answer says where a connection ends. Everything that is not a globally reachable unicast address
// (IANA special-purpose registries, RFC 6890) is refused unless the job allows its network.

#include "core/base/result.hpp"
#include "core/http/address/ip_address.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::http {

class AddressGuard {
 public:
  // Networks that may be connected to all the same. Errors: Errc::config.
  static Result<AddressGuard> create(const std::vector<std::string>& allowed_cidrs);

  // False for what is refused, and for every family but IPv4 and IPv6.
  bool allows(const sockaddr* address) const;
  // Why the address is refused ("loopback", "private", …; static storage); absent when it is not.
  std::optional<std::string_view> refusal(const IpAddress& address) const;

 private:
  AddressGuard() = default;

  std::vector<IpNetwork> allowed_;
};

// The class of an address that is not globally reachable, whatever the job allows. Addresses that
// carry an IPv4 address (mapped, 6to4, NAT64) are judged by that.
std::optional<std::string_view> special_purpose(const IpAddress& address);

}  // namespace trawl::http
