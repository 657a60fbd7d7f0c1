// What is counted of large bodies while they arrive.
#include "core/crawl/engine/arriving.hpp"

#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

using Written = http::SpoolSink::Written;

TEST(Arriving, BodiesAreSummedUntilTheyEnd) {
  ArrivingBodies all;
  {
    ArrivingBody known{all};
    EXPECT_EQ(all.sum().bodies, 0U);  // nothing of it is in a file yet
    EXPECT_EQ(known.note(Written{.bytes = 100, .expected = 1000}), 100U);
    {
      ArrivingBody unknown{all};
      EXPECT_EQ(unknown.note(Written{.bytes = 7}), 7U);
      EXPECT_EQ(unknown.note(Written{.bytes = 9}), 2U);
      EXPECT_EQ(unknown.note(Written{.bytes = 8}), 0U);  // what is in the file, and more has come
      const auto sum = all.sum();
      EXPECT_EQ(sum.bodies, 2U);
      EXPECT_EQ(sum.unannounced, 1U);
      EXPECT_EQ(sum.bytes, 109U);
      EXPECT_EQ(sum.expected_bytes, 1000U);
    }
    EXPECT_EQ(all.sum().unannounced, 0U);
    EXPECT_EQ(all.sum().bytes, 100U);
  }
  EXPECT_EQ(all.sum().bodies, 0U);
  EXPECT_EQ(all.sum().bytes, 0U);
  EXPECT_EQ(all.sum().expected_bytes, 0U);
}

TEST(Arriving, WhatWasKeptIsThereButWasNotReceivedNow) {
  ArrivingBodies all;
  ArrivingBody body{all};
  EXPECT_EQ(body.note(Written{.bytes = 700, .kept = 600, .expected = 1000}), 100U);
  EXPECT_EQ(all.sum().bytes, 700U);
}

}  // namespace
}  // namespace trawl::crawl
