#include "core/web/robots/robots_tag.hpp"

#include <gtest/gtest.h>

#include <string>

namespace trawl::web {
namespace {

std::string tag(std::string_view value) {
  return std::string(to_string(parse_robots_tag(value, "trawl")));
}
std::string meta(std::string_view content) {
  return std::string(to_string(parse_robots_meta(content)));
}

TEST(RobotsTag, DirectivesAreAListInAnyCase) {
  EXPECT_EQ(tag("noindex"), "noindex");
  EXPECT_EQ(tag(" NoFollow ,NOINDEX"), "noindex,nofollow");
  EXPECT_EQ(tag("none"), "noindex,nofollow");
  EXPECT_EQ(tag("all, index, follow"), "");
  EXPECT_EQ(tag(""), "");
  EXPECT_EQ(tag(",, ,nofollow,"), "nofollow");
}

TEST(RobotsTag, OnlyWholeWordsAreDirectives) {
  EXPECT_EQ(tag("nofollower, nonesuch, x-nofollow"), "");
  EXPECT_EQ(tag("noarchive, nosnippet, max-snippet:20, max-image-preview: none"), "");
}

TEST(RobotsTag, ARobotsNameHoldsForAllThatFollowsIt) {
  EXPECT_EQ(tag("googlebot: nofollow, noindex"), "");
  EXPECT_EQ(tag("Trawl: nofollow, noindex"), "noindex,nofollow");
  EXPECT_EQ(tag("trawl:noindex"), "noindex");
  EXPECT_EQ(tag("trawler: noindex"), "");
  EXPECT_EQ(tag("*: nofollow"), "nofollow");
}

TEST(RobotsTag, ListsThatAProxyJoinedKeepTheirRobots) {
  EXPECT_EQ(tag("googlebot: nofollow, trawl: noindex"), "noindex");
  EXPECT_EQ(tag("trawl: noindex, otherbot: nofollow"), "noindex");
  EXPECT_EQ(tag("noindex, googlebot: nofollow"), "noindex");
}

TEST(RobotsTag, DatesAreNoRobots) {
  EXPECT_EQ(tag("unavailable_after: 25 Jun 2010 15:00:00 PST, nofollow"), "nofollow");
  EXPECT_EQ(tag("unavailable_after: Friday, 25-Jun-10 15:00:00 UTC, nofollow"), "nofollow");
  EXPECT_EQ(tag("unavailable_after: Fri, 25 Jun 2010 15:00:00 GMT, noindex"), "noindex");
  EXPECT_EQ(tag("unavailable_after: 2010-06-25T15:00:00+00:00, noindex"), "noindex");
  EXPECT_EQ(tag("unavailable_after: x, 2010-06-25T15:00:00Z, noindex"), "noindex");
  EXPECT_EQ(tag("googlebot: unavailable_after: 25 Jun 2010 15:00:00 PST, noindex"), "");
}

TEST(RobotsTag, WithoutATokenOnlyUnnamedDirectivesAreOurs) {
  EXPECT_EQ(parse_robots_tag(": noindex", ""), RobotsDirectives{});
  EXPECT_EQ(parse_robots_tag("a: noindex", ""), RobotsDirectives{});
  EXPECT_TRUE(parse_robots_tag("noindex", "").noindex);
}

TEST(RobotsTag, AMetaElementHasTheSameDirectivesAndNoNames) {
  EXPECT_EQ(meta("NOINDEX , nofollow"), "noindex,nofollow");
  EXPECT_EQ(meta("none"), "noindex,nofollow");
  EXPECT_EQ(meta("trawl: noindex"), "");
}

}  // namespace
}  // namespace trawl::web
