#include "core/http/dns/server_address.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace trawl::http::dns {

TEST(ServerAddress, IsAnAddressWithAPortOrWithout) {
  for (const auto& [text, written] :
       {std::pair{"192.0.2.1", "192.0.2.1:53"}, std::pair{"192.0.2.1:5353", "192.0.2.1:5353"},
        std::pair{"2001:db8::1", "[2001:db8::1]:53"}, std::pair{"[::1]", "[::1]:53"},
        std::pair{"[::1]:5353", "[::1]:5353"}}) {
    const auto server = ServerAddress::parse(text);
    ASSERT_TRUE(server) << text;
    EXPECT_EQ(server->to_string(), written);
    EXPECT_EQ(ServerAddress::parse(written), *server);
  }
}

TEST(ServerAddress, IsNothingElse) {
  for (const char* text : {"", "localhost", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536",
                           "192.0.2.1:53x", "192.0.2.1:-1", ":53", "[::1", "[::1]53",
                           "[::1]:", "[192.0.2.1]:53", "::1]:53", "0x7f.1", "[]", "[]:53"}) {
    const auto server = ServerAddress::parse(text);
    ASSERT_FALSE(server) << text;
    EXPECT_EQ(server.error().code, Errc::config);
  }
}

}  // namespace trawl::http::dns
