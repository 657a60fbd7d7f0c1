#include "core/http/address/address_guard.hpp"

#include "tests/support/conformance_suite.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <fstream>
#include <iterator>
#include <map>
#include <set>

namespace trawl::http {
namespace {

std::string_view kind_of(const char* address) {
  return special_purpose(*IpAddress::parse(address)).value_or("global");
}

boost::json::value conformance(const char* name) {
  std::ifstream in(std::string(TRAWL_SOURCE_DIR "/tests/conformance/ssrf/") + name);
  return boost::json::parse(std::string(std::istreambuf_iterator<char>(in), {}));
}

}  // namespace

TEST(AddressGuard, NamesTheClassOfASpecialAddress) {
  const std::map<const char*, std::string_view> cases = {
      {"127.0.0.1", "loopback"},
      {"::1", "loopback"},
      {"0.0.0.0", "unspecified"},
      {"::", "unspecified"},
      {"0.1.2.3", "reserved"},
      {"10.1.2.3", "private"},
      {"172.31.0.1", "private"},
      {"192.168.1.1", "private"},
      {"fd12::1", "private"},
      {"fec0::1", "private"},
      {"169.254.1.1", "link_local"},
      {"fe80::1", "link_local"},
      {"febf::1", "link_local"},
      {"100.64.0.1", "shared"},
      {"100.127.255.255", "shared"},
      {"224.0.0.1", "multicast"},
      {"239.1.2.3", "multicast"},
      {"ff02::1", "multicast"},
      {"192.0.2.1", "documentation"},
      {"198.51.100.1", "documentation"},
      {"203.0.113.1", "documentation"},
      {"2001:db8::1", "documentation"},
      {"3fff:fff::1", "documentation"},
      {"198.18.0.1", "benchmark"},
      {"198.19.255.255", "benchmark"},
      {"2001:2::1", "benchmark"},
      {"240.0.0.1", "reserved"},
      {"255.255.255.255", "broadcast"},
      {"192.0.0.8", "reserved"},
      {"192.88.99.1", "reserved"},
      {"100::1", "discard"},
      {"2001::1", "teredo"},
      {"2001:1ff::1", "reserved"},
      {"4000::1", "reserved"},
      {"5f00::1", "reserved"},
      {"::7f00:1", "reserved"},
      {"169.254.169.254", "metadata"},
      {"fd00:ec2::254", "metadata"},
      {"100.100.100.200", "metadata"},
      {"168.63.129.16", "metadata"},
      {"192.0.0.192", "metadata"},
      {"169.254.170.2", "metadata"},
  };
  for (const auto& [address, kind] : cases) EXPECT_EQ(kind_of(address), kind) << address;
}

TEST(AddressGuard, LetsGlobalUnicastThrough) {
  for (const char* address :
       {"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
        "172.15.255.255", "172.32.0.0", "192.31.196.1", "223.255.255.255", "2000::1",
        "2606:4700:4700::1111", "2a00:1450:4001::1", "2001:200::1", "3ffe::1"}) {
    EXPECT_EQ(kind_of(address), "global") << address;
  }
}

TEST(AddressGuard, JudgesAnEmbeddedIpv4AddressByItself) {
  EXPECT_EQ(kind_of("::ffff:127.0.0.1"), "loopback");
  EXPECT_EQ(kind_of("::ffff:169.254.169.254"), "metadata");
  EXPECT_EQ(kind_of("::ffff:8.8.8.8"), "global");
  EXPECT_EQ(kind_of("2002:7f00:1::"), "loopback");  // 6to4
  EXPECT_EQ(kind_of("2002:a9fe:a9fe::1"), "metadata");
  EXPECT_EQ(kind_of("2002:808:808::1"), "global");
  EXPECT_EQ(kind_of("64:ff9b::10.0.0.1"), "private");  // NAT64
  EXPECT_EQ(kind_of("64:ff9b::8.8.8.8"), "global");
  EXPECT_EQ(kind_of("64:ff9b:1::8.8.8.8"), "private");  // local NAT64: no telling where it ends
  EXPECT_EQ(kind_of("64:ff9b:0:0:1::"), "reserved");    // not the well-known /96
  EXPECT_EQ(kind_of("2001:0:808:808::f7f7:f7f7"), "teredo");
  EXPECT_EQ(kind_of("::ffff:0:127.0.0.1"), "reserved");  // SIIT
}

// Every row of CPython's verdicts at the edges of the special blocks: what is not global there is
// refused here. What is global there and refused here all the same is listed with the reason.
TEST(AddressGuard, RefusesEveryAddressThatCpythonDoesNotCallGlobal) {
  const auto guard = AddressGuard::create({});
  ASSERT_TRUE(guard);
  const std::set<std::string> stricter = {
      "192.0.0.8",       "192.0.0.169",
      "::ffff:c000:8",   "::ffff:c000:a9",
      "::ffff:c000:ac",                                              // 192.0.0.0/24
      "168.63.129.16",                                               // metadata service of a cloud
      "fec0::",          "feff:ffff:ffff:ffff:ffff:ffff:ffff:fffe",  // site-local
      "2002:7f00:1::",   "2002:a9fe:a9fe::",                         // 6to4 of special addresses
      "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",                       // NAT64 of special addresses
  };
  support::ConformanceSuite suite{"Addresses: what is not global is refused, CPython",
                                  "ssrf/ip_classes_cpython_3_11.json"};
  for (const auto& row : conformance("ip_classes_cpython_3_11.json").as_array()) {
    const auto& fields = row.as_object();
    const std::string text{fields.at("ip").as_string()};
    const auto address = IpAddress::parse(text);
    ASSERT_TRUE(address) << text;
    bool global = fields.at("is_global").as_bool();
    if (fields.contains("mapped_is_global")) global = fields.at("mapped_is_global").as_bool();
    if (fields.at("is_multicast").as_bool()) global = false;
    const bool mapped = fields.contains("ipv4_mapped");
    if (!mapped && fields.at("is_reserved").as_bool()) global = false;  // outside 2000::/3
    if (mapped && address->word(12) >> 28 == 0xE) global = false;       // multicast inside
    suite.expect(!guard->refusal(*address) == (global && !stricter.contains(text)), text);
  }
  EXPECT_EQ(suite.cases(), 171U);
}

TEST(AddressGuard, AllowsTheNetworksOfTheJob) {
  const auto guard = AddressGuard::create({"127.0.0.0/8", "fd00::/8", "169.254.169.254"});
  ASSERT_TRUE(guard);
  const auto refused = [&](const char* text) { return guard->refusal(*IpAddress::parse(text)); };
  EXPECT_EQ(refused("127.0.0.1"), std::nullopt);
  EXPECT_EQ(refused("::ffff:127.0.0.1"), std::nullopt);
  EXPECT_EQ(refused("fd00:ec2::254"), std::nullopt);
  EXPECT_EQ(refused("169.254.169.254"), std::nullopt);
  EXPECT_EQ(refused("8.8.8.8"), std::nullopt);
  EXPECT_EQ(refused("169.254.169.253"), "link_local");
  EXPECT_EQ(refused("10.0.0.1"), "private");
  EXPECT_EQ(refused("::1"), "loopback");
  EXPECT_EQ(refused("fc00::1"), "private");
  // These leave through a gateway: 127.0.0.1 there is not the loopback that was allowed.
  EXPECT_EQ(refused("64:ff9b::7f00:1"), "loopback");
  EXPECT_EQ(refused("2002:7f00:1::"), "loopback");
}

TEST(AddressGuard, JudgesSocketAddresses) {
  const auto guard = AddressGuard::create({"127.0.0.2/32"});
  ASSERT_TRUE(guard);
  const auto allows = [&](std::uint32_t bits) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(bits);
    return guard->allows(reinterpret_cast<const sockaddr*>(&address));
  };
  EXPECT_FALSE(allows(0x7F000001));
  EXPECT_TRUE(allows(0x7F000002));
  EXPECT_TRUE(allows(0x08080808));
  sockaddr_in6 loopback{};
  loopback.sin6_family = AF_INET6;
  loopback.sin6_addr = in6addr_loopback;
  EXPECT_FALSE(guard->allows(reinterpret_cast<const sockaddr*>(&loopback)));
  sockaddr local{};
  local.sa_family = AF_UNIX;
  EXPECT_FALSE(guard->allows(&local));
  EXPECT_FALSE(guard->allows(nullptr));
}

TEST(AddressGuard, RefusesAListWithAnInvalidNetwork) {
  const auto guard = AddressGuard::create({"127.0.0.0/8", "localhost"});
  ASSERT_FALSE(guard);
  EXPECT_EQ(guard.error().code, Errc::config);
}

}  // namespace trawl::http
