#include "core/http/client/host_addresses.hpp"

#include <gtest/gtest.h>

namespace trawl::http {
namespace {

const AddressGuard guard = AddressGuard::create({"127.0.0.0/8"}).value();

dns::Resolution resolution(const std::vector<const char*>& addresses) {
  dns::Resolution resolution;
  for (const char* address : addresses) resolution.addresses.push_back(*IpAddress::parse(address));
  return resolution;
}

std::string key_of(std::string_view url) {
  return host_port_of(url).key();
}

}  // namespace

TEST(HostAddresses, KnowsHostAndPortOfAUrl) {
  EXPECT_EQ(key_of("http://a.test/"), "a.test:80");
  EXPECT_EQ(key_of("https://a.test/x?y:1"), "a.test:443");
  EXPECT_EQ(key_of("http://a.test.:8080/"), "a.test.:8080");
  EXPECT_EQ(key_of("https://user:pass@a.test/@b.test:9/"), "a.test:443");
  EXPECT_EQ(key_of("http://user%40b.test@a.test/"), "a.test:80");
  EXPECT_EQ(key_of("http://[::1]:81/"), "::1:81");
  EXPECT_EQ(key_of("http://127.0.0.1?q"), "127.0.0.1:80");
  EXPECT_TRUE(host_port_of("http://[::1]/").is_address());
  EXPECT_TRUE(host_port_of("http://127.0.0.1/").is_address());
  EXPECT_FALSE(host_port_of("http://a.test/").is_address());
}

TEST(HostAddresses, LeavesOutWhatTheGuardRefusesAndNamesIt) {
  const auto addresses =
      allowed_addresses("a.test", resolution({"::1", "127.0.0.1", "10.0.0.1", "1.1.1.1"}), guard);
  ASSERT_TRUE(addresses);
  ASSERT_EQ(addresses->allowed.size(), 2U);
  EXPECT_EQ(addresses->allowed[0].to_string(), "127.0.0.1");
  EXPECT_EQ(addresses->allowed[1].to_string(), "1.1.1.1");
  EXPECT_EQ(addresses->skipped, "::1 (loopback), 10.0.0.1 (private)");
}

TEST(HostAddresses, ANameOfRefusedAddressesAloneIsRefused) {
  const auto addresses =
      allowed_addresses("a.test",
                        resolution({"10.0.0.1", "169.254.169.254", "fd00:ec2::254",
                                    "::ffff:10.0.0.1", "192.0.2.1", "64:ff9b::a00:1"}),
                        guard);
  ASSERT_FALSE(addresses);
  EXPECT_EQ(addresses.error().code, Errc::private_address);
  EXPECT_EQ(addresses.error().detail,
            "a.test has no public address, but 10.0.0.1 (private), 169.254.169.254 (metadata), "
            "fd00:ec2::254 (metadata), ::ffff:10.0.0.1 (private), …; fetch.allow_private_networks "
            "can allow it");
}

TEST(HostAddresses, PassesOnWhyANameHasNone) {
  const auto addresses =
      allowed_addresses("a.test", {.error = Error{Errc::dns_timeout, "late"}}, guard);
  ASSERT_FALSE(addresses);
  EXPECT_EQ(addresses.error(), (Error{Errc::dns_timeout, "late"}));
}

}  // namespace trawl::http
