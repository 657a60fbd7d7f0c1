#include "core/web/headers/cookie_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace trawl::web {

TEST(CookieFile, MayBeginWithAByteOrderMark) {
  const auto file = parse_cookie_file(
      "\xEF\xBB\xBF"
      "a.example\tFALSE\t/\tFALSE\t0\tn\tv\n");
  ASSERT_EQ(file.cookies.size(), 1U);
  EXPECT_EQ(file.cookies[0].domain, "a.example");
  EXPECT_TRUE(file.bad_lines.empty());
}

TEST(CookieFile, IsReadAsCurlAndBrowsersWriteIt) {
  const auto file = parse_cookie_file(
      "# Netscape HTTP Cookie File\n"
      "# a comment\r\n"
      "\n"
      ".example.com\tTRUE\t/\tFALSE\t1893456000\tid\tabc\r\n"
      "#HttpOnly_www.Example.com\tFALSE\t/app\tTRUE\t0\tsid\t\n"
      "h.example\tFALSE\t/\tFALSE\t1893456000.5\tcut");
  ASSERT_EQ(file.cookies.size(), 3U);
  EXPECT_THAT(file.bad_lines, testing::IsEmpty());
  const Cookie& id = file.cookies[0];
  EXPECT_EQ(id.domain, "example.com");
  EXPECT_FALSE(id.host_only);
  EXPECT_EQ(id.expires, Wall{std::chrono::seconds{1893456000}});
  EXPECT_EQ(id.value, "abc");
  const Cookie& sid = file.cookies[1];
  EXPECT_TRUE(sid.http_only && sid.host_only && sid.secure);
  EXPECT_EQ(sid.domain, "www.example.com");
  EXPECT_EQ(sid.expires, std::nullopt);
  EXPECT_EQ(file.cookies[2].name, "cut");
  EXPECT_EQ(file.cookies[2].value, "");
}

TEST(CookieFile, NamesTheLinesThatAreNoCookies) {
  const auto file = parse_cookie_file(
      "[{\"domain\": \"x\"}]\n"
      "h.example\tFALSE\t/\tFALSE\t0\ta\tb\n"
      "h.example\tmaybe\t/\tFALSE\t0\ta\tb\n"
      "h.example\tFALSE\tno-slash\tFALSE\t0\ta\tb\n"
      "h.example\tFALSE\t/\tFALSE\tsoon\ta\tb\n"
      "h.example\tFALSE\t/\tFALSE\t0\ta\tb\tc\n"
      "h.example\tFALSE\t/\tFALSE\t0\ta\t\x1B[31m\n"
      "h.example\tFALSE\t/\tFALSE\t-1\ta\tb\n"
      "h.example\tFALSE\t/\tFALSE\tnan\ta\tb\n"
      ".#h.example\tFALSE\t/\tFALSE\t0\ta\tb\n");
  EXPECT_EQ(file.cookies.size(), 1U);
  EXPECT_THAT(file.bad_lines, testing::ElementsAre(1, 3, 4, 5, 6, 7, 8, 9, 10));
}

TEST(CookieFile, WhatIsWrittenReadsBack) {
  const Cookie cookie{.name = "a",
                      .value = "\xD0\xBA=\"x\" y",
                      .domain = "example.com",
                      .path = "/p",
                      .expires = Wall{std::chrono::seconds{1893456000}},
                      .host_only = false,
                      .secure = true,
                      .http_only = true};
  const auto line = cookie_file_line(cookie);
  ASSERT_TRUE(line);
  const auto file = parse_cookie_file(std::string{cookie_file_heading} + *line);
  ASSERT_EQ(file.cookies.size(), 1U);
  EXPECT_EQ(file.cookies[0], cookie);
  EXPECT_FALSE(cookie_file_line({.name = "a", .value = "b\tc", .domain = "h", .path = "/"}));
}

}  // namespace trawl::web
