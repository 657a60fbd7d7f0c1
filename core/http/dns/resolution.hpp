#pragma once
// Resolution: what is known of a name: its addresses, or why there are none.

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/http/address/ip_address.hpp"

#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace trawl::http::dns {

struct Resolution {
  // Families take turns, IPv6 first (RFC 8305 4); at most limits::dns_addresses_max.
  std::vector<IpAddress> addresses;
  std::optional<Error> error;  // without addresses: Errc::dns or Errc::dns_timeout
  // The name is known to have no address, which is more than that nobody could say.
  bool missing = false;
};

// The families by turns, IPv6 first, each in its own order; no more than are kept of a name.
std::vector<IpAddress> by_turns(std::span<const IpAddress> addresses);

// Shared by the cache and by all who waited for it.
using ResolutionPtr = std::shared_ptr<const Resolution>;

}  // namespace trawl::http::dns
