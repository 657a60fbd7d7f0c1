#pragma once
// HostAddresses: where a fetch may go: the addresses of its URL's host that the guard lets through,
// the first two of each family: libcurl 7.88 is done with two that refuse within 200 ms, and waits
// out half of what is left of its time at each further one.
// Pure. The guard is asked again when a socket is opened: what is left out here saves the attempt.

#include "core/base/result.hpp"
#include "core/http/address/address_guard.hpp"
#include "core/http/address/ip_address.hpp"
#include "core/http/dns/resolution.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace trawl::http {

// Host and port as libcurl looks for them.
struct HostPort {
  std::string host;  // an IPv6 address without its brackets
  std::string port;

  std::string key() const { return host + ':' + port; }
  bool is_address() const { return IpAddress::parse(host).has_value(); }
};
// url: as web::Url serialises it, http or https.
HostPort host_port_of(std::string_view url);

struct HostAddresses {
  std::vector<IpAddress> allowed;
  bool more = false;    // there were others, beyond limits::connect_addresses_max
  std::string skipped;  // "10.0.0.1 (private), …"; the first few of those that are refused
};

// Errors: that of the resolution; Errc::private_address when the guard refuses every address.
Result<HostAddresses> allowed_addresses(std::string_view host, const dns::Resolution& resolution,
                                        const AddressGuard& guard);

}  // namespace trawl::http
