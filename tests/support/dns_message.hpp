#pragma once
// DNS messages as plain values and as bytes, for tests that play name server (RFC 1035).

#include "core/base/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::support {

enum class DnsType : std::uint16_t { a = 1, cname = 5, soa = 6, txt = 16, aaaa = 28 };

struct DnsQuestion {
  std::string name;  // in lower case, without the dot at the end
  DnsType type = DnsType::a;
  bool tcp = false;
  Mono time{};
  std::size_t before = 0;  // how many of the same name and type came earlier
};

struct DnsRecord {
  DnsType type = DnsType::a;
  std::string data;   // an address, or a name
  std::string owner;  // empty: the name of the question
  std::uint32_t ttl_s = 300;
};

struct DnsReply {
  int rcode = 0;  // 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED
  std::vector<DnsRecord> answers;
  std::optional<std::uint32_t> soa_minimum_s;  // an SOA in the authority section
  Millis delay{0};
  bool silent = false;             // no reply at all
  bool truncated = false;          // over UDP; the whole comes over TCP
  std::optional<std::string> raw;  // these bytes behind the message's id
};

// Records of the type that is asked for, out of these addresses; none of it: NODATA.
DnsReply dns_addresses(const DnsQuestion& question, const std::vector<std::string>& addresses,
                       std::uint32_t ttl_s = 300);

std::string dns_message(std::uint16_t id, const DnsQuestion& question, const DnsReply& reply);
// The id and the question of a query; absent when it is none.
struct DnsQuery {
  std::uint16_t id = 0;
  DnsQuestion question;
};
std::optional<DnsQuery> read_dns_query(std::string_view bytes);

}  // namespace trawl::support
