#include "core/web/robots/robots.hpp"

#include "core/base/limits.hpp"
#include "core/web/robots/robots_text.hpp"
#include "tests/support/cpu_time.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace trawl::web {
namespace {

bool allowed(std::string_view body, std::string_view path, std::string_view agent = "trawl") {
  return Robots::parse(body, agent).check(path).allowed;
}

// RFC 9309 2.2.1
TEST(Robots, GroupsOfOneAgentAreMerged) {
  const std::string body =
      "User-agent: trawl\nDisallow: /a\n\nUser-agent: *\nDisallow: /\n\n"
      "User-agent: TRAWL\nDisallow: /b\n";
  EXPECT_FALSE(allowed(body, "/a"));
  EXPECT_FALSE(allowed(body, "/b"));
  EXPECT_TRUE(allowed(body, "/c"));
}

TEST(Robots, AgentNamesAreComparedAsWholeProducts) {
  EXPECT_FALSE(allowed("User-agent: trawl/1.0\nDisallow: /", "/"));
  EXPECT_FALSE(allowed("User-agent: trawl bot\nDisallow: /", "/"));
  EXPECT_TRUE(allowed("User-agent: trawler\nDisallow: /", "/"));
  EXPECT_TRUE(allowed("User-agent: tra\nDisallow: /", "/"));
  EXPECT_FALSE(allowed("User-agent: MJ12bot\nDisallow: /", "/", "mj12bot"));
  EXPECT_TRUE(allowed("User-agent:\nDisallow: /", "/"));
}

TEST(Robots, AnEmptyGroupOfOursHidesTheGroupOfEveryone) {
  EXPECT_TRUE(allowed("User-agent: *\nDisallow: /\nUser-agent: trawl\nDisallow:\n", "/x"));
}

// RFC 9309 2.2.2
TEST(Robots, TheLongestRuleWinsAndAllowWinsTies) {
  const std::string body =
      "User-agent: *\nDisallow: /docs\nAllow: /docs/public\nAllow: /same\nDisallow: /same\n";
  EXPECT_FALSE(allowed(body, "/docs/x"));
  EXPECT_TRUE(allowed(body, "/docs/public/x"));
  EXPECT_TRUE(allowed(body, "/same"));
}

TEST(Robots, TheVerdictNamesLineAndRule) {
  const auto verdict =
      Robots::parse("# a comment\r\nUser-agent: *\r\nDisallow: /private # why\r\n", "trawl")
          .check("/private/x");
  EXPECT_FALSE(verdict.allowed);
  EXPECT_EQ(verdict.line, 3u);
  EXPECT_EQ(verdict.rule, "Disallow: /private");
  EXPECT_EQ(Robots::allow_all().check("/x").line, 0u);
  EXPECT_FALSE(Robots::disallow_all().check("/x").allowed);
  EXPECT_TRUE(Robots::disallow_all().check("/robots.txt").allowed);
}

TEST(Robots, PathsAreComparedByOctets) {
  const auto body = [](std::string_view rule) {
    return fmt::format("User-agent: *\nDisallow: {}\n", rule);
  };
  EXPECT_FALSE(allowed(body("/b%C3%BCcher"), "/b%c3%bccher"));
  EXPECT_FALSE(allowed(body("/b\xC3\xBC"
                            "cher"),
                       "/b%c3%bccher"));
  EXPECT_FALSE(allowed(body("/%7Euser"), "/~user"));
  EXPECT_FALSE(allowed(body("/a%3cd"), "/a<d"));
  EXPECT_TRUE(allowed(body("/a%2Fb"), "/a/b"));
  EXPECT_FALSE(allowed(body("/100%"), "/100%"));
}

// RFC 9309 2.2.3
TEST(Robots, SpecialCharactersMatchAndCanBeEscaped) {
  const auto body = [](std::string_view rule) {
    return fmt::format("User-agent: *\nDisallow: {}\n", rule);
  };
  EXPECT_FALSE(allowed(body("/*.php$"), "/a/b.php"));
  EXPECT_TRUE(allowed(body("/*.php$"), "/a/b.php?x"));
  EXPECT_FALSE(allowed(body("/a*b*c"), "/a-b-b-c-d"));
  EXPECT_TRUE(allowed(body("/a*bb*c$"), "/abc"));
  EXPECT_FALSE(allowed(body("/a*c$"), "/a-c-c"));
  EXPECT_TRUE(allowed(body("/ab*b$"), "/ab"));
  EXPECT_FALSE(allowed(body("/x%2A"), "/x*y"));
  EXPECT_TRUE(allowed(body("/x%2A"), "/xyz"));
  EXPECT_FALSE(allowed(body("/x%24"), "/x$"));
  EXPECT_FALSE(allowed(body("/x$y"), "/x$y"));
  EXPECT_FALSE(allowed(body("*"), "/anything"));
  EXPECT_FALSE(allowed(body("/$"), "/"));
  EXPECT_TRUE(allowed(body("/$"), "/x"));
}

TEST(Robots, MisspeltDirectivesCount) {
  for (const auto* line : {"Disalow: /", "dissallow : /", "DISALLOW /", "diasllow:/", "disallaw:/"})
    EXPECT_FALSE(allowed(fmt::format("user agent: trawl\n{}\n", line), "/x")) << line;
  EXPECT_TRUE(allowed("useragent: trawl\nDisallow this: /\n", "/robots.html") == false);
  EXPECT_TRUE(allowed("User-agent: *\nNoindex: /\n", "/x"));
}

TEST(Robots, EncodingsAreRecognisedByTheirMark) {
  EXPECT_FALSE(allowed("\xEF\xBB\xBFUser-agent: *\nDisallow: /", "/x"));
  std::string wide = "\xFF\xFE";
  for (const char c : std::string("User-agent: *\nDisallow: /x\n")) wide += {c, '\0'};
  EXPECT_FALSE(allowed(wide, "/x"));
  EXPECT_TRUE(allowed(wide, "/y"));
  std::string big = "\xFE\xFF";
  for (const char c : std::string("User-agent: *\nDisallow: /x\n")) big += {'\0', c};
  EXPECT_FALSE(allowed(big, "/x"));
  EXPECT_TRUE(allowed(std::string("\xFF\xFE\x00", 3), "/x"));
}

TEST(Robots, NothingIsReadBeyondTheLimitNorAHalfLine) {
  std::string body = "User-agent: *\nDisallow: /first\n";
  body +=
      "#" + std::string(limits::robots_bytes_max - body.size() - 12, 'x') + "\nDisallow: /second\n";
  EXPECT_FALSE(allowed(body, "/first"));
  EXPECT_TRUE(allowed(body, "/second"));
  EXPECT_TRUE(allowed(body, "/other"));
}

TEST(Robots, CrawlDelayBelongsToItsGroup) {
  const std::string body =
      "User-agent: *\nCrawl-delay: 2\nUser-agent: trawl\nCrawl-delay: 1.5\nDisallow: /x\n"
      "User-agent: bad\nCrawl-delay: 10a\n";
  EXPECT_EQ(Robots::parse(body, "trawl").crawl_delay_s(), 1.5);
  EXPECT_EQ(Robots::parse(body, "other").crawl_delay_s(), 2.0);
  EXPECT_EQ(Robots::parse(body, "bad").crawl_delay_s(), std::nullopt);
  EXPECT_EQ(Robots::parse("User-agent: *\nCrawl-delay: -1", "x").crawl_delay_s(), std::nullopt);
  EXPECT_EQ(Robots::parse("User-agent: *\nCrawl-delay: inf", "x").crawl_delay_s(), std::nullopt);
}

TEST(Robots, SitemapsAreGlobalAndEndNoGroup) {
  const auto robots = Robots::parse(
      "User-agent: trawl\nSitemap: https://e.org/s.xml\nUser-agent: b\nDisallow: /\n", "trawl");
  EXPECT_EQ(robots.sitemaps(), std::vector<std::string>{"https://e.org/s.xml"});
  EXPECT_FALSE(robots.check("/x").allowed);
}

TEST(Robots, HostilePatternsAreMatchedInLinearTime) {
  std::string body = "User-agent: *\n";
  for (int i = 0; i < 50; ++i) {
    std::string pattern = "/";
    for (int j = 0; j < 400; ++j) pattern += "a*";
    body += "Disallow: " + pattern + std::to_string(i) + "b$\n";
  }
  body += "Disallow: /" + std::string(10'000, '*') + "q\n";
  const double seconds = support::cpu_seconds_of([&] {
    const auto robots = Robots::parse(body, "trawl");
    const std::string path = "/" + std::string(8'000, 'a');
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(robots.check(path).allowed);
  });
  EXPECT_LT(seconds, 10);
}

TEST(Robots, MemoryIsCounted) {
  const auto robots = Robots::parse("User-agent: *\nDisallow: /" + std::string(1000, 'x'), "trawl");
  EXPECT_GT(robots.memory_bytes(), 1000u);
  EXPECT_LT(robots.memory_bytes(), 4000u);
}

}  // namespace
}  // namespace trawl::web
