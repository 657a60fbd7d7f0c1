#include "core/http/message/credentials.hpp"

#include "core/http/message/netrc.hpp"
#include "tests/http/client/client.hpp"

#include <gmock/gmock.h>

namespace trawl::http {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

bool matches(std::string_view pattern, std::string_view url) {
  const auto parsed = ServerPattern::parse(pattern);
  EXPECT_TRUE(parsed) << pattern;
  return parsed && parsed->matches(url);
}

std::string authorization(const Credentials& credentials, const std::string& url) {
  Request request{.url = url};
  credentials.apply(request);
  return std::string{find_header(request.headers, "authorization")};
}

}  // namespace

TEST(ServerPattern, ABareHostIsThatHostOnDefaultPorts) {
  EXPECT_TRUE(matches("example.org", "http://example.org/x"));
  EXPECT_TRUE(matches("Example.ORG", "https://example.org/"));
  EXPECT_FALSE(matches("example.org", "https://example.org:8443/"));
  EXPECT_FALSE(matches("example.org", "https://www.example.org/"));
  EXPECT_FALSE(matches("example.org", "https://example.org.evil.test/"));
  EXPECT_FALSE(matches("example.org", "https://evil.test/?example.org"));
}

TEST(ServerPattern, APortAndASchemeNarrowIt) {
  EXPECT_TRUE(matches("example.org:8443", "https://example.org:8443/"));
  EXPECT_FALSE(matches("example.org:8443", "https://example.org/"));
  EXPECT_TRUE(matches("example.org:443", "https://example.org/"));
  EXPECT_FALSE(matches("example.org:443", "http://example.org/"));
  EXPECT_TRUE(matches("example.org:80", "http://example.org/"));
  EXPECT_FALSE(matches("example.org:80", "https://example.org/"));
  EXPECT_TRUE(matches("https://example.org", "https://example.org/a"));
  EXPECT_FALSE(matches("https://example.org", "http://example.org/a"));
  EXPECT_TRUE(matches("[::1]:81", "http://[::1]:81/"));
}

TEST(ServerPattern, WhatIsNoServerIsRefused) {
  for (const char* text : {"", "https://", "a b", "ftp://example.org", "example.org/path",
                           "user@example.org", "https://u:p@example.org", "example.org?x"})
    EXPECT_FALSE(ServerPattern::parse(text)) << text;
}

TEST(Credentials, GoToTheirServersAndEarlierOnesWin) {
  Credentials credentials;
  credentials.add(*ServerPattern::parse("a.test"), "Authorization", "first");
  credentials.add(*ServerPattern::parse("a.test"), "authorization", "second");
  credentials.add(*ServerPattern::parse("b.test"), "Authorization", "other");
  EXPECT_EQ(authorization(credentials, "http://a.test/"), "first");
  EXPECT_EQ(authorization(credentials, "http://b.test/"), "other");
  EXPECT_EQ(authorization(credentials, "http://c.test/"), "");
  Request own{.url = "http://a.test/", .headers = {{"AUTHORIZATION", "mine"}}};
  credentials.apply(own);
  EXPECT_EQ(own.headers.size(), 1u);
}

TEST(Credentials, OfRfc7617) {
  EXPECT_EQ(basic_authorization("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  EXPECT_EQ(basic_authorization("", ""), "Basic Og==");
}

TEST(Credentials, AreSentAndNotRecorded) {
  LoopbackServer one, other;
  auto options = loopback_options();
  options.credentials.add(*ServerPattern::parse(one.url()), "Authorization", "Bearer hunter2");
  const auto pages = coro::run_root(
      with_session(options, &fetch_each,
                   std::vector<Request>{{.url = one.url("/a")}, {.url = other.url("/b")}}));
  EXPECT_EQ(one.requests().at(0).header("Authorization"), "Bearer hunter2");
  EXPECT_EQ(other.requests().at(0).header("Authorization"), "");
  EXPECT_THAT(pages[0].response->request_head, HasSubstr("Authorization: ***\r\n"));
  EXPECT_THAT(pages[0].response->request_head, Not(HasSubstr("hunter2")));
}

TEST(Netrc, MachinesLoginsAndPasswordsInAnyLayout) {
  const auto entries = parse_netrc(
      "# of the team\nmachine a.test login ann password s3cret\n\n"
      "machine b.test\n\tlogin bob\n\taccount x\n\tpassword \"two words \\\"x\\\"\"\n"
      "macdef init\nmachine no.test\nlogin no\n\ndefault login anonymous password guest\n"
      "machine c.test password only");
  ASSERT_TRUE(entries) << entries.error().detail;
  EXPECT_THAT(*entries, ElementsAre(NetrcEntry{"a.test", "ann", "s3cret"},
                                    NetrcEntry{"b.test", "bob", "two words \"x\""},
                                    NetrcEntry{"c.test", "", "only"}));
  EXPECT_TRUE(parse_netrc("")->empty());
}

TEST(Netrc, AValueMayBeginWithTheSignOfACommentWhereItsLineDoesNot) {
  const auto entries = parse_netrc(
      "machine a.test login #ann password #x1  # of the team\n"
      "  # machine no.test login no\n"
      "machine b.test login bob password\n# on the next line\nhidden#x2#\n");
  ASSERT_TRUE(entries) << entries.error().detail;
  EXPECT_THAT(*entries, ElementsAre(NetrcEntry{"a.test", "#ann", "#x1"},
                                    NetrcEntry{"b.test", "bob", "hidden#x2#"}));
}

TEST(Netrc, AMacroEndsAtAnEmptyLineOfEitherForm) {
  for (const std::string end : {"\n", "\r\n", " \t\r\n"}) {
    const auto entries = parse_netrc("macdef init\r\nmachine no.test\r\nlogin no\r\n" + end +
                                     "machine a.test login ann\r\nmacdef none\r\n" + end +
                                     "password s3cret\r\n" + "macdef last\nlogin no");
    ASSERT_TRUE(entries) << entries.error().detail;
    EXPECT_THAT(*entries, ElementsAre(NetrcEntry{"a.test", "ann", "s3cret"})) << end;
  }
  EXPECT_THAT(parse_netrc("macdef init\r\nput x\r\n\r\nhunter2").error().detail,
              HasSubstr("line 4"));
}

TEST(Netrc, WhatItIsNotIsToldByLineWithoutAWordOfIt) {
  const auto unknown = parse_netrc("machine a.test\nhunter2 login x\n");
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().detail, HasSubstr("line 2"));
  EXPECT_THAT(unknown.error().detail, Not(HasSubstr("hunter2")));
  EXPECT_THAT(parse_netrc("machine a.test\nlogin").error().detail, HasSubstr("line 2"));
}

}  // namespace trawl::http
