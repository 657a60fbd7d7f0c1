// One refused address does not condemn a name: a site may have an internal address beside its
// public one by mistake. It is not tried, and named where the fetch fails.
#include "core/http/client/host_addresses.hpp"

#include "core/base/limits.hpp"
#include "core/http/client/request_fields.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>

namespace trawl::http {
namespace {

constexpr std::size_t skipped_named_max = 4;

}  // namespace

HostPort host_port_of(std::string_view url) {
  std::string_view authority = authority_of(url);
  HostPort place{.port = url.starts_with("https:") ? "443" : "80"};
  if (const auto bracket = authority.find(']'); bracket != authority.npos) {
    place.host = authority.substr(1, bracket - 1);
    authority.remove_prefix(bracket + 1);
  } else {
    place.host = authority.substr(0, authority.find(':'));
    authority.remove_prefix(place.host.size());
  }
  if (authority.size() > 1) place.port = authority.substr(1);
  return place;
}

Result<HostAddresses> allowed_addresses(std::string_view host, const dns::Resolution& resolution,
                                        const AddressGuard& guard) {
  if (resolution.error) return std::unexpected(*resolution.error);
  HostAddresses addresses;
  std::size_t refused = 0;
  std::array<std::size_t, 2> taken{};  // IPv4, IPv6
  for (const IpAddress& address : resolution.addresses) {
    const auto refusal = guard.refusal(address);
    if (!refusal) {
      const bool room = taken[address.is_v4() ? 0 : 1]++ < limits::connect_addresses_max;
      if (room) addresses.allowed.push_back(address);
      addresses.more = addresses.more || !room;
    } else if (++refused <= skipped_named_max) {
      addresses.skipped += fmt::format("{}{} ({})", addresses.skipped.empty() ? "" : ", ",
                                       address.to_string(), *refusal);
    }
  }
  if (refused > skipped_named_max) addresses.skipped += ", …";
  if (!addresses.allowed.empty()) return addresses;
  return fail(Errc::private_address,
              fmt::format("{} has no public address, but {}; fetch.allow_private_networks can "
                          "allow it",
                          host, addresses.skipped));
}

}  // namespace trawl::http
