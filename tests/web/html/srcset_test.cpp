#include "core/web/html/srcset.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace trawl::web {
namespace {

using Urls = std::vector<std::string>;

Urls urls(std::string_view srcset) {
  Urls found;
  for (auto url = next_srcset_url(srcset); !url.empty(); url = next_srcset_url(srcset)) {
    found.emplace_back(url);
  }
  return found;
}

TEST(Srcset, CandidatesAreSeparatedByCommasAfterDescriptors) {
  EXPECT_EQ(urls("a 1x, b 2x,c 3x"), (Urls{"a", "b", "c"}));
  EXPECT_EQ(urls("a, b"), (Urls{"a", "b"}));
  EXPECT_EQ(urls(""), Urls{});
  EXPECT_EQ(urls(" ,, "), Urls{});
}

TEST(Srcset, AUrlMayHoldCommas) {
  EXPECT_EQ(urls("a,b 1x, data:,x 2x"), (Urls{"a,b", "data:,x"}));
  EXPECT_EQ(urls("a,b,, c"), (Urls{"a,b", "c"}));
}

TEST(Srcset, CommasInParenthesesSeparateNothing) {
  EXPECT_EQ(urls("a foo(1, 2), b"), (Urls{"a", "b"}));
}

TEST(Refresh, TheUrlFollowsTheTime) {
  EXPECT_EQ(refresh_url("5; url=a"), "a");
  EXPECT_EQ(refresh_url("0;URL='a b'c"), "a b");
  EXPECT_EQ(refresh_url(" .5 , a"), "a");
  EXPECT_EQ(refresh_url("1 a"), "a");
  EXPECT_EQ(refresh_url("1;url \n= \"a"), "a");
}

TEST(Refresh, WhatOnlyLooksLikeTheLabelIsTheUrl) {
  EXPECT_EQ(refresh_url("1;url"), "url");
  EXPECT_EQ(refresh_url("1;union.html"), "union.html");
  EXPECT_EQ(refresh_url("1;urlabc"), "urlabc");
}

TEST(Refresh, APageThatReloadsItselfHasNone) {
  EXPECT_EQ(refresh_url("5"), std::nullopt);
  EXPECT_EQ(refresh_url("5;"), std::nullopt);
  EXPECT_EQ(refresh_url("url=a"), std::nullopt);
  EXPECT_EQ(refresh_url("5x;url=a"), std::nullopt);
}

}  // namespace
}  // namespace trawl::web
