#include "core/crawl/job/list_line.hpp"

#include "core/base/limits.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <tuple>

namespace trawl::crawl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

std::string why_not(std::string_view line) {
  const auto read = parse_list_line(line);
  if (read) return "it was taken";
  EXPECT_EQ(read.error().code, Errc::bad_url);
  return read.error().detail;
}

TEST(ListLine, SecretsAreHiddenAndTheLineIsStillOne) {
  const std::string shown = hide_request_secrets(
      R"({"url":"https://u:pw@h/","method":"POST","headers":{"Authorization":"Bearer x","From":"me@x.org"},"body":"pin=1"})");
  EXPECT_TRUE(parse_list_line(shown)) << shown;
  for (const char* secret : {"pw", "Bearer", "pin"})
    EXPECT_EQ(shown.find(secret), std::string::npos) << shown;
  EXPECT_NE(shown.find("me@x.org"), std::string::npos) << shown;
  EXPECT_EQ(hide_request_secrets("no json"), "");
}

TEST(ListLine, TheJobNamesTheUrlsOfItsRequests) {
  const SeedSpec seeds{.urls = {"http://a/"},
                       .requests = {R"({"urls":["http://b/","http://c/"]})", "broken"}};
  EXPECT_EQ(named_urls(seeds), (std::vector<std::string>{"http://a/", "http://b/"}));
}

TEST(ListLine, AUrlAloneIsAPlainGet) {
  const auto line = parse_list_line(R"({"url": "http://a/"})");
  ASSERT_TRUE(line);
  EXPECT_THAT(line->urls, ElementsAre("http://a/"));
  EXPECT_FALSE(share(line->request));
}

TEST(ListLine, ARequestHasMethodFieldsAndBody) {
  const auto line = parse_list_line(
      R"({"url":"http://a/","method":"post","headers":{"X-A":" 1 ","X-B":""},"body":"q=\u00e4"})");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->request.method, "POST");
  EXPECT_THAT(line->request.headers, ElementsAre(Pair("X-A", "1"), Pair("X-B", "")));
  EXPECT_EQ(line->request.body, "q=\xC3\xA4");
}

TEST(ListLine, BinaryBodiesComeInBase64) {
  const auto body = [](std::string_view text) {
    const auto line = parse_list_line(R"({"url":"http://a/","method":"PUT","body_base64":")" +
                                      std::string{text} + "\"}");
    return line ? line->request.body : line.error().detail;
  };
  EXPECT_EQ(body("AP8Q"), (std::string{"\0\xFF\x10", 3}));
  EXPECT_EQ(body("AP8="), (std::string{"\0\xFF", 2}));
  EXPECT_EQ(body("AA"), (std::string{"\0", 1}));
  EXPECT_EQ(body(""), "");
  EXPECT_THAT(body("A"), HasSubstr("no base64"));
  EXPECT_THAT(body("A-=="), HasSubstr("no base64"));
}

TEST(ListLine, MirrorsAndTheChecksumOfOneFile) {
  const std::string digest(64, 'b');
  for (const std::string& key : {R"("sha256":")" + digest, R"("checksum":"sha256:)" + digest}) {
    const auto line = parse_list_line(R"({"urls":["http://a/","http://b/"],)" + key + "\"}");
    ASSERT_TRUE(line) << line.error().detail;
    EXPECT_THAT(line->urls, ElementsAre("http://a/", "http://b/"));
    EXPECT_EQ(line->request.checksum.hex, digest);
  }
  const auto upper =
      parse_list_line(R"({"url":"http://a/","sha256":")" + std::string(64, 'B') + "\"}");
  EXPECT_EQ(upper->request.checksum.hex, digest);
  using enum web::Hasher::Algorithm;
  for (const auto& [name, algorithm, digits] : {std::tuple{"md5", md5, 32},
                                                {"sha1", sha1, 40},
                                                {"sha256", sha256, 64},
                                                {"sha512", sha512, 128}}) {
    const std::string text = fmt::format("{}:{}", name, std::string(digits, 'c'));
    const auto line =
        parse_list_line(fmt::format(R"({{"url":"http://a/","checksum":"{}"}})", text));
    ASSERT_TRUE(line) << line.error().detail;
    EXPECT_EQ(line->request.checksum.algorithm, algorithm);
    EXPECT_EQ(to_string(line->request.checksum), text);
    const auto key = parse_list_line(
        fmt::format(R"({{"url":"http://a/","{}":"{}"}})", name, std::string(digits, 'C')));
    EXPECT_EQ(key->request.checksum, line->request.checksum);
  }
}

TEST(ListLine, ChecksumsMayBeWrittenAsOtherProgramsDo) {
  for (const std::string start : {"SHA256:", "sha-256:", "SHA-256=", "sha256="}) {
    const auto line = parse_list_line(
        fmt::format(R"({{"url":"http://a/","checksum":"{}{}"}})", start, std::string(64, 'd')));
    ASSERT_TRUE(line) << line.error().detail;
    EXPECT_EQ(to_string(line->request.checksum), "sha256:" + std::string(64, 'd'));
  }
}

TEST(ListLine, WhatIsWrongIsSaidWithTheKey) {
  EXPECT_THAT(why_not("{"), HasSubstr("no JSON object"));
  EXPECT_THAT(why_not("{}"), HasSubstr("\"url\" is missing"));
  EXPECT_THAT(why_not(R"({"url":1})"), HasSubstr("\"url\" has to be a string"));
  EXPECT_THAT(why_not(R"({"urls":[]})"), HasSubstr("mirrors"));
  EXPECT_THAT(why_not(R"({"url":"http://a/","urls":["http://b/"]})"), HasSubstr("one too many"));
  EXPECT_THAT(why_not(R"({"url":"http://a/","metod":"GET"})"), HasSubstr("unknown key \"metod\""));
  EXPECT_THAT(why_not(R"({"url":"http://a/","method":"G T"})"), HasSubstr("no HTTP method"));
  EXPECT_THAT(why_not(R"({"url":"http://a/","method":"CONNECT"})"), HasSubstr("not sent"));
  EXPECT_THAT(why_not(R"({"url":"http://a/","headers":["a"]})"), HasSubstr("\"headers\""));
  EXPECT_THAT(why_not(R"({"url":"http://a/","headers":{"a b":"c"}})"), HasSubstr("\"a b\""));
  EXPECT_THAT(why_not(R"({"url":"http://a/","headers":{"A":"b\r\nX: y"}})"),
              HasSubstr("control character"));
  EXPECT_THAT(why_not(R"({"url":"http://a/","headers":{"host":"b"}})"),
              HasSubstr("set by trawl itself"));
  EXPECT_THAT(why_not(R"({"url":"http://a/","sha256":"12"})"), HasSubstr("64 hexadecimal"));
  EXPECT_THAT(why_not(R"({"url":"http://a/","checksum":"md5:12"})"), HasSubstr("32 hexadecimal"));
  EXPECT_THAT(why_not(R"({"url":"http://a/","checksum":"md4:12"})"), HasSubstr("\"sha256:\""));
  EXPECT_THAT(why_not(fmt::format(R"({{"url":"http://a/","md5":"{0}","checksum":"md5:{0}"}})",
                                  std::string(32, 'a'))),
              HasSubstr("one checksum too many"));
  EXPECT_THAT(why_not(R"({"url":"http://a/","checksum":"sha256"})"), HasSubstr("\"sha256:\""));
  EXPECT_THAT(why_not(R"({"url":"http://a/","method":"HEAD","body":""})"), HasSubstr("no body"));
  EXPECT_THAT(why_not(R"({"url":"http://a/","body":"","body_base64":""})"),
              HasSubstr("one too many"));
  EXPECT_THAT(why_not(R"({"urls":["http://a/","http://b/"],"method":"POST"})"),
              HasSubstr("GET alone"));
  std::string many = R"({"urls":["http://a/")";
  for (std::size_t i = 0; i < limits::mirrors_max; ++i) many += R"(,"http://b/")";
  EXPECT_THAT(why_not(many + "]}"), HasSubstr("17 mirrors"));
  EXPECT_THAT(why_not(std::string(limits::list_line_bytes_max, '{')), HasSubstr("longer than"));
}

}  // namespace
}  // namespace trawl::crawl
