// Who may ask: names, origins, tokens.
#include "service/control/guard.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace trawl::service::control {
namespace {

const std::vector<std::string> names{"crawler.example"};

TEST(ControlGuard, KnowsItselfByAddressesLocalhostAndConfiguredNames) {
  for (const auto* host :
       {"127.0.0.1", "127.0.0.1:8090", "[::1]", "[::1]:8090", "localhost", "LocalHost:80",
        "192.0.2.7:8090", "crawler.example:8090", "CRAWLER.example"})
    EXPECT_TRUE(is_own_host(host, names)) << host;
}

TEST(ControlGuard, NamesThatMayLeadAnywhereAreNotItsOwn) {
  for (const auto* host :
       {"", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "127.1", "0x7f.1",
        "2130706433", "[::1", "::1", "[127.0.0.1]", "localhost:80:80", "localhost:x",
        "localhost:123456", "user@localhost", "localhost/", ":8090", "[fe80::1%eth0", "[]"})
    EXPECT_FALSE(is_own_host(host, names)) << host;
}

TEST(ControlGuard, AnOriginIsTheSameWhenItsAuthorityIs) {
  EXPECT_TRUE(is_same_origin("http://localhost:8090", "localhost:8090"));
  EXPECT_TRUE(is_same_origin("http://LOCALHOST", "localhost:80"));
  EXPECT_TRUE(is_same_origin("https://crawler.example", "crawler.example"));
  EXPECT_TRUE(is_same_origin("http://[::1]:8090", "[::1]:8090"));
  EXPECT_FALSE(is_same_origin("http://localhost:8091", "localhost:8090"));
  EXPECT_FALSE(is_same_origin("http://evil.example", "localhost:8090"));
  EXPECT_FALSE(is_same_origin("null", "localhost:8090"));
  EXPECT_FALSE(is_same_origin("", "localhost"));
  EXPECT_FALSE(is_same_origin("file://", "localhost"));
  EXPECT_FALSE(is_same_origin("http://localhost:8090.evil.example", "localhost:8090"));
}

TEST(ControlGuard, ATokenIsTakenWholeAndAsABearers) {
  EXPECT_TRUE(has_token("Bearer secret", "secret"));
  EXPECT_TRUE(has_token("bearer   secret", "secret"));
  for (const auto* field : {"", "secret", "Basic secret", "Bearer", "Bearer ", "Bearer secre",
                            "Bearer secrets", "Bearer secret ", "Bearersecret"})
    EXPECT_FALSE(has_token(field, "secret")) << field;
}

TEST(ControlGuard, APageOfAnotherSiteMayNeitherSteerNorRead) {
  const Claims ours{.host = "localhost:8090",
                    .origin = "http://localhost:8090",
                    .fetch_site = "same-origin",
                    .changes_state = true};
  EXPECT_EQ(judge(ours, names, ""), GuardVerdict::pass);
  Claims foreign = ours;
  foreign.origin = "https://evil.example";
  EXPECT_EQ(judge(foreign, names, ""), GuardVerdict::foreign_page);
  foreign.changes_state = false;
  EXPECT_EQ(judge(foreign, names, ""), GuardVerdict::foreign_page);
  const Claims image{.host = "localhost", .fetch_site = "cross-site"};
  EXPECT_EQ(judge(image, names, ""), GuardVerdict::foreign_page);
  const Claims other_port{.host = "localhost", .fetch_site = "same-site", .changes_state = true};
  EXPECT_EQ(judge(other_port, names, ""), GuardVerdict::foreign_page);
}

TEST(ControlGuard, ALinkMayLeadToTheDashboard) {
  EXPECT_EQ(judge({.host = "localhost", .fetch_site = "cross-site", .is_page = true}, names, ""),
            GuardVerdict::pass);
}

TEST(ControlGuard, ANameIsCheckedBeforeTheToken) {
  const Claims rebound{.host = "evil.example", .authorization = "Bearer secret"};
  EXPECT_EQ(judge(rebound, names, "secret"), GuardVerdict::wrong_host);
  EXPECT_EQ(judge({.host = "localhost"}, names, "secret"), GuardVerdict::no_token);
  EXPECT_EQ(judge({.host = "localhost", .authorization = "Bearer secret"}, names, "secret"),
            GuardVerdict::pass);
}

}  // namespace
}  // namespace trawl::service::control
