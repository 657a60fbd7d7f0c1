#include "core/http/address/ip_address.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace trawl::http {

TEST(IpAddress, ReadsNumericFormsOnly) {
  EXPECT_EQ(IpAddress::parse("127.0.0.1")->word(0), 0x7F000001U);
  EXPECT_EQ(IpAddress::parse("2001:db8::1")->word(12), 1U);
  EXPECT_EQ(IpAddress::parse("::ffff:10.0.0.1")->mapped_v4(), IpAddress::parse("10.0.0.1"));
  EXPECT_EQ(IpAddress::parse("2001:db8::1")->mapped_v4(), std::nullopt);
  const std::string_view wrong[] = {"",
                                    "127.1",
                                    "0x7f.0.0.1",
                                    "0177.0.0.01",
                                    "2130706433",
                                    "127.0.0.1 ",
                                    "localhost",
                                    "fe80::1%lo",
                                    "[::1]",
                                    "::g",
                                    "1.2.3.4.5",
                                    "256.0.0.1",
                                    "1:2:3:4:5:6:7:8:9",
                                    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
  for (const std::string_view text : wrong) EXPECT_FALSE(IpAddress::parse(text)) << text;
  EXPECT_FALSE(IpAddress::parse(std::string_view("1.2.3.4\0", 8)));
}

TEST(IpAddress, IsWrittenAsItIsRead) {
  for (const char* text : {"0.0.0.0", "255.255.255.255", "::", "::1", "2001:db8::1", "fe80::1"}) {
    EXPECT_EQ(IpAddress::parse(text)->to_string(), text);
  }
  EXPECT_EQ(IpAddress::v4(0xC0000201).to_string(), "192.0.2.1");
}

TEST(IpAddress, ComesFromASocketAddressOfEitherFamily) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(80);
  v4.sin_addr.s_addr = htonl(0xC0000201);
  EXPECT_EQ(IpAddress::from_sockaddr(reinterpret_cast<const sockaddr*>(&v4)),
            IpAddress::parse("192.0.2.1"));
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_scope_id = 7;
  v6.sin6_addr = in6addr_loopback;
  EXPECT_EQ(IpAddress::from_sockaddr(reinterpret_cast<const sockaddr*>(&v6)),
            IpAddress::parse("::1"));
  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  EXPECT_FALSE(IpAddress::from_sockaddr(reinterpret_cast<const sockaddr*>(&local)));
  EXPECT_FALSE(IpAddress::from_sockaddr(nullptr));
}

TEST(IpNetwork, ContainsTheAddressesOfItsPrefix) {
  const struct {
    const char* network;
    const char* inside;
    const char* outside;
  } cases[] = {
      {"10.0.0.0/8", "10.255.255.255", "11.0.0.0"},
      {"172.16.0.0/12", "172.31.255.255", "172.32.0.0"},
      {"0.0.0.0/0", "255.255.255.255", "::1"},
      {"192.0.2.7", "192.0.2.7", "192.0.2.6"},
      {"127.0.0.1/32", "127.0.0.1", "127.0.0.0"},
      {"fc00::/7", "fdff::1", "fe00::"},
      {"::1", "::1", "::2"},
      {"::/0", "ffff::", "1.2.3.4"},
      {"2001:db8:8000::/33", "2001:db8:8000::1", "2001:db8:7fff::1"},
  };
  for (const auto& c : cases) {
    const auto network = IpNetwork::parse(c.network);
    ASSERT_TRUE(network) << c.network;
    EXPECT_TRUE(network->contains(*IpAddress::parse(c.inside))) << c.network << " " << c.inside;
    EXPECT_FALSE(network->contains(*IpAddress::parse(c.outside))) << c.network << " " << c.outside;
  }
}

TEST(IpNetwork, SaysWhatIsWrongWithItsText) {
  EXPECT_EQ(IpNetwork::parse("127.0.0.1/8").error().detail,
            "\"127.0.0.1/8\" has bits beyond its prefix; did you mean 127.0.0.0/8?");
  EXPECT_EQ(IpNetwork::parse("fe80::1/10").error().detail,
            "\"fe80::1/10\" has bits beyond its prefix; did you mean fe80::/10?");
  EXPECT_EQ(IpNetwork::parse("10.0.0.0/33").error().detail,
            "\"10.0.0.0/33\": the part after the slash must be 0 to 32");
  for (const char* text : {"", "/8", "localhost", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "10/8",
                           "10.0.0.0/ 8", "::/129", "10.0.0.0/99999999999", "10.0.0.0/+8"}) {
    const auto network = IpNetwork::parse(text);
    ASSERT_FALSE(network) << text;
    EXPECT_EQ(network.error().code, Errc::config);
  }
}

}  // namespace trawl::http
