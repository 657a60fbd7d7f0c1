#include "core/crawl/pages/mirrors.hpp"

#include "core/coro/loop.hpp"

#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

using http::Continuation;

TEST(MirrorRace, TheFirstGoodAnswerWinsAndAllOthersAreRefused) {
  coro::Loop loop;
  MirrorRace race{loop.executor()};
  EXPECT_EQ(race.on_answer(0, 404, Continuation::other), Continuation::other);
  EXPECT_FALSE(race.decided.is_set());
  EXPECT_EQ(race.on_answer(2, 200, Continuation::other), Continuation::other);
  EXPECT_TRUE(race.decided.is_set());
  EXPECT_EQ(race.winner, 2u);
  EXPECT_EQ(race.on_answer(1, 200, Continuation::other), Continuation::refused);
}

TEST(MirrorRace, TheRightRestOfABodyIsAGoodAnswerAndAWrongOneIsNot) {
  coro::Loop loop;
  MirrorRace race{loop.executor()};
  EXPECT_EQ(race.on_answer(0, 206, Continuation::refused), Continuation::refused);
  EXPECT_EQ(race.on_answer(1, 206, Continuation::append), Continuation::append);
  EXPECT_EQ(race.winner, 1u);
}

TEST(MirrorErrors, WhatPassesByItselfIsToldFirst) {
  std::vector<MirrorSource> sources(4);
  EXPECT_EQ(telling_error(sources), nullptr);
  sources[1].error = Error{Errc::private_address, ""};
  EXPECT_EQ(telling_error(sources)->code, Errc::private_address);
  sources[2].error = Error{Errc::reset, ""};
  sources[3].error = Error{Errc::dns, ""};
  EXPECT_EQ(telling_error(sources)->code, Errc::reset);
}

}  // namespace
}  // namespace trawl::crawl
