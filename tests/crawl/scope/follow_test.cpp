#include "core/crawl/scope/follow.hpp"

#include <gtest/gtest.h>

namespace trawl::crawl {

using web::LinkKind;

TEST(Follow, EverythingButOtherIsFollowed) {
  for (const LinkKind kind :
       {LinkKind::page, LinkKind::embed, LinkKind::style, LinkKind::script, LinkKind::redirect,
        LinkKind::canonical, LinkKind::alternate, LinkKind::feed}) {
    EXPECT_TRUE(is_followed(kind));
  }
  EXPECT_FALSE(is_followed(LinkKind::other));
}

TEST(Follow, NofollowHoldsForLinksAndNotForRequisites) {
  const RobotsSpec robots;
  web::Link link;
  link.nofollow = true;
  EXPECT_FALSE(is_followed(link, false, robots));
  link.kind = LinkKind::embed;
  EXPECT_TRUE(is_followed(link, false, robots));
  EXPECT_TRUE(is_followed(link, true, robots));
  link.nofollow = false;
  link.kind = LinkKind::page;
  EXPECT_TRUE(is_followed(link, false, robots));
  EXPECT_FALSE(is_followed(link, true, robots));
}

TEST(Follow, NofollowIsIgnoredWhenRobotsMetaIsOff) {
  RobotsSpec robots;
  robots.meta = false;
  web::Link link;
  link.nofollow = true;
  EXPECT_TRUE(is_followed(link, true, robots));
  link.kind = LinkKind::other;
  EXPECT_FALSE(is_followed(link, false, robots));
}

}  // namespace trawl::crawl
