// Shares as pure decisions: who gets the place that is free.
#include "core/coro/place_shares.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace trawl::coro {
namespace {

using Member = PlaceShares::Member;
using Ticket = PlaceShares::Ticket;

// Members that always want more; ticket = member * 1'000'000 + number.
class Crowd {
 public:
  Crowd(std::size_t total, const std::vector<Share>& shares) : shares_(total) {
    for (const Share& share : shares) members_.push_back(shares_.add(share));
  }

  void want(std::size_t index, int times) {
    for (int i = 0; i < times; ++i) {
      if (shares_.acquire(members_[index])) continue;
      shares_.wait(members_[index], index * 1'000'000 + static_cast<Ticket>(++number_));
    }
  }
  void give_back(std::size_t index) {
    shares_.release(members_[index]);
    serve();
  }
  std::vector<Ticket> serve() {
    std::vector<Ticket> served;
    while (const auto ticket = shares_.next()) served.push_back(*ticket);
    return served;
  }
  std::size_t taken(std::size_t index) const { return shares_.taken_by(members_[index]); }
  std::size_t waiting(std::size_t index) const { return shares_.waiting(members_[index]); }
  PlaceShares& shares() { return shares_; }
  Member member(std::size_t index) const { return members_[index]; }

 private:
  PlaceShares shares_;
  std::vector<Member> members_;
  int number_ = 0;
};

TEST(PlaceShares, AMemberAloneHasThemAll) {
  Crowd crowd{10, {{.weight = 1}, {.weight = 9}}};
  crowd.want(0, 12);
  EXPECT_EQ(crowd.taken(0), 10U);
  EXPECT_EQ(crowd.waiting(0), 2U);
}

TEST(PlaceShares, ANewcomerGetsWhatIsGivenBackUntilItHasItsShare) {
  Crowd crowd{12, {{.weight = 1}, {.weight = 2}}};
  crowd.want(0, 100);
  crowd.want(1, 100);
  EXPECT_EQ(crowd.taken(1), 0U);  // nothing is taken away
  for (int i = 0; i < 8; ++i) crowd.give_back(0);
  EXPECT_EQ(crowd.taken(0), 4U);
  EXPECT_EQ(crowd.taken(1), 8U);
  // From then on each gets back what it gives.
  for (int i = 0; i < 30; ++i) crowd.give_back(i % 3 == 0 ? 0 : 1);
  EXPECT_EQ(crowd.taken(0), 4U);
  EXPECT_EQ(crowd.taken(1), 8U);
}

TEST(PlaceShares, WhatOneDoesNotUseTheOthersHave) {
  Crowd crowd{12, {{.weight = 1}, {.weight = 1}, {.weight = 1}}};
  crowd.want(0, 100);
  crowd.want(1, 2);
  crowd.want(2, 100);
  for (int i = 0; i < 40; ++i) crowd.give_back(crowd.taken(0) >= crowd.taken(2) ? 0 : 2);
  EXPECT_EQ(crowd.taken(1), 2U);
  EXPECT_EQ(crowd.taken(0), 5U);
  EXPECT_EQ(crowd.taken(2), 5U);
}

TEST(PlaceShares, OfOneWithASmallWeightSomethingIsAlwaysLeft) {
  Crowd crowd{3, {{.weight = 1000}, {.weight = 1}}};
  crowd.want(0, 100);
  crowd.want(1, 100);
  crowd.give_back(0);
  EXPECT_EQ(crowd.taken(1), 1U);
}

TEST(PlaceShares, ASinglePlaceGoesRound) {
  Crowd crowd{1, {{}, {}, {}}};
  for (std::size_t i = 0; i < 3; ++i) crowd.want(i, 100);
  std::vector<int> turns(3);
  for (int i = 0; i < 30; ++i) {
    for (std::size_t member = 0; member < 3; ++member)
      if (crowd.taken(member) == 1) {
        ++turns[member];
        crowd.give_back(member);
        break;
      }
  }
  EXPECT_EQ(turns, (std::vector{10, 10, 10}));
}

TEST(PlaceShares, NobodyHasMoreThanItsMost) {
  Crowd crowd{10, {{.most = 3}, {}}};
  crowd.want(0, 5);
  EXPECT_EQ(crowd.taken(0), 3U);
  crowd.want(1, 100);
  EXPECT_EQ(crowd.taken(1), 7U);
  crowd.shares().change(crowd.member(0), {.most = 4});
  EXPECT_TRUE(crowd.serve().empty());  // all places are taken
  crowd.give_back(1);
  EXPECT_EQ(crowd.taken(0), 4U);
  crowd.give_back(1);
  EXPECT_EQ(crowd.taken(0), 4U);
  EXPECT_EQ(crowd.taken(1), 6U);
}

TEST(PlaceShares, WithinAMemberWhoeverHasWaitedLongestIsFirst) {
  Crowd crowd{1, {{}}};
  crowd.want(0, 4);  // one has the place, and 1, 2 and 3 wait
  crowd.shares().leave(crowd.member(0), 1);
  crowd.shares().release(crowd.member(0));
  EXPECT_EQ(crowd.serve(), std::vector<Ticket>{2});
  crowd.shares().release(crowd.member(0));
  EXPECT_EQ(crowd.serve(), std::vector<Ticket>{3});
}

TEST(PlaceShares, FewerPlacesAreFewerAsTheyAreGivenBackAndMoreAreServedAtOnce) {
  Crowd crowd{10, {{}}};
  crowd.want(0, 20);
  crowd.shares().set_total(4);
  for (int i = 0; i < 6; ++i) crowd.give_back(0);
  EXPECT_EQ(crowd.taken(0), 4U);
  crowd.give_back(0);
  EXPECT_EQ(crowd.taken(0), 4U);
  crowd.shares().set_total(6);
  EXPECT_EQ(crowd.serve().size(), 2U);
  EXPECT_EQ(crowd.taken(0), 6U);
}

// Whatever happens: never too many, and none free while somebody could have it.
TEST(PlaceShares, HoldsItsBoundsUnderRandomUse) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    std::mt19937 random{seed};
    const std::size_t total = 1 + random() % 20;
    std::vector<Share> wanted;
    for (std::size_t i = 0; i < 1 + random() % 5; ++i)
      wanted.push_back({.weight = static_cast<int>(1 + random() % 4), .most = 1 + random() % 15});
    Crowd crowd{total, wanted};
    for (int step = 0; step < 2000; ++step) {
      const std::size_t who = random() % wanted.size();
      if (random() % 2 == 0)
        crowd.want(who, 1);
      else if (crowd.taken(who) > 0)
        crowd.give_back(who);
      ASSERT_LE(crowd.shares().taken(), total);
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        ASSERT_LE(crowd.taken(i), wanted[i].most);
        if (crowd.shares().taken() < total && crowd.taken(i) < wanted[i].most) {
          ASSERT_EQ(crowd.waiting(i), 0U);
        }
      }
    }
  }
}

}  // namespace
}  // namespace trawl::coro
