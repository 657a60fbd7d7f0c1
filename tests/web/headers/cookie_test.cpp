#include "core/web/headers/cookie.hpp"

#include <gtest/gtest.h>

#include <string>

namespace trawl::web {
namespace {

constexpr Wall now{std::chrono::seconds{1'700'000'000}};

}  // namespace

TEST(SetCookieLine, HasANameAValueAndAttributes) {
  const auto cookie = parse_set_cookie(
      " SID = 31d4d96e407aad42 ; Path=/app; DOMAIN=.Example.COM; Secure; HttpOnly; SameSite=Lax",
      now);
  ASSERT_TRUE(cookie);
  EXPECT_EQ(cookie->name, "SID");
  EXPECT_EQ(cookie->value, "31d4d96e407aad42");
  EXPECT_EQ(cookie->path, "/app");
  EXPECT_EQ(cookie->domain, "example.com");
  EXPECT_TRUE(cookie->secure);
  EXPECT_TRUE(cookie->http_only);
  EXPECT_FALSE(cookie->expires);
}

TEST(SetCookieLine, MaxAgeWinsOverExpiresAndBothAreBounded) {
  const auto expires = [](std::string attributes) {
    return parse_set_cookie("a=b; " + attributes, now)->expires;
  };
  EXPECT_EQ(expires("Max-Age=60"), now + std::chrono::seconds{60});
  EXPECT_EQ(expires("Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT"),
            now + std::chrono::seconds{60});
  EXPECT_EQ(expires("Max-Age=99999999999999999999999"), now + std::chrono::days{400});
  EXPECT_EQ(expires("Expires=Fri, 31 Dec 9999 23:59:59 GMT"), now + std::chrono::days{400});
  EXPECT_LE(expires("Max-Age=0"), now);
  EXPECT_LE(expires("Max-Age=-1"), now);
  EXPECT_EQ(expires("Max-Age=6h"), std::nullopt);
  EXPECT_EQ(expires("Expires=soon"), std::nullopt);
  EXPECT_EQ(expires("Expires=Thu, 16-Nov-23 00:00:00 GMT"), Wall{std::chrono::seconds{1700092800}});
}

TEST(SetCookieLine, IsRefusedWithControlsWithoutANameAndWhenItIsTooLong) {
  for (const char* line : {"", "=b", "b", ";a=b", "a=b\x01", "a\x7F=b", "a=b; path=/\x1B"})
    EXPECT_FALSE(parse_set_cookie(line, now)) << line;
  EXPECT_TRUE(parse_set_cookie("a=" + std::string(4095, 'x'), now));
  EXPECT_FALSE(parse_set_cookie("a=" + std::string(4096, 'x'), now));
  const auto long_path = parse_set_cookie("a=b; Path=/" + std::string(1024, 'x'), now);
  ASSERT_TRUE(long_path);
  EXPECT_EQ(long_path->path, "");
}

// RFC 6265bis, 5.1.1.
TEST(CookieDate, IsReadByItsTokensInAnyOrder) {
  const Wall date{std::chrono::seconds{784111777}};
  for (const char* text :
       {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994", "08:49:37 1994x? 06 november", "1994 08:49:37z 6th nov"})
    EXPECT_EQ(parse_cookie_date(text), date) << text;
  EXPECT_EQ(parse_cookie_date("01 Jan 1600 00:00:00"), std::nullopt);
  EXPECT_EQ(parse_cookie_date("01 Jan 69 00:00:00"), Wall{std::chrono::seconds{3124224000}});
  EXPECT_EQ(parse_cookie_date("31 Feb 2024 00:00:00"), std::nullopt);
  EXPECT_EQ(parse_cookie_date("01 Jan 2024 24:00:00"), std::nullopt);
}

}  // namespace trawl::web
