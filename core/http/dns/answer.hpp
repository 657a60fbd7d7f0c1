#pragma once
// What a name server's message says about one name (RFC 1035; RFC 2308 for what is not there). A
// pure function of bytes from anybody: every length is checked, every chain is bounded.

#include "core/http/address/ip_address.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::http::dns {

enum class RecordType : std::uint16_t { a = 1, aaaa = 28 };

struct Answer {
  enum class Kind : std::uint8_t {
    addresses,  // at least one
    alias,      // the CNAMEs lead to `alias`, of which the message says no more
    no_name,    // NXDOMAIN: there is nothing of that name
    no_data,    // the name exists and has no address of that type
    failed,     // the server could not or would not say; `detail` names how
  };
  Kind kind = Kind::failed;
  std::vector<IpAddress> addresses;  // as sent; the first limits::dns_addresses_max / 2
  std::uint32_t ttl_s = 0;           // the shortest on the way; of no_name, no_data: of the zone
  std::size_t aliases = 0;           // CNAMEs followed
  std::string alias;
  std::string detail;
};

// name: in lower case, without the dot at the end.
Answer read_answer(std::span<const std::uint8_t> message, std::string_view name, RecordType type);

}  // namespace trawl::http::dns
