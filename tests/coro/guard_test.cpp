#include "core/coro/guard.hpp"

#include "core/coro/timeout.hpp"
#include "tests/coro/trace.hpp"

namespace trawl::coro {
namespace {

struct Door {
  std::string* log;
  bool fails_to_close = false;

  Task<> close() {
    co_await sleep_for(1ms);  // closing takes time, and must be awaited
    *log += "closed ";
    if (fails_to_close) throw std::runtime_error("stuck");
  }
};

Task<Door> open_door(std::string& log, bool fails_to_close = false) {
  log += "opened ";
  co_return Door{&log, fails_to_close};
}

Task<Door> open_broken() {
  throw std::runtime_error("no door");
  co_return Door{};
}

Task<int> walk_through(Door& door) {
  *door.log += "used ";
  co_return 7;
}

Task<int> stumble(Door&) {
  throw std::runtime_error("stumbled");
  co_return 0;
}

Task<int> stand_in_the_way(Door&) {
  co_await sleep_for(10s);
  co_return 0;
}

TEST(UsingResource, ClosesOnReturn) {
  std::string log;
  EXPECT_EQ(run_root(using_resource(open_door(log), walk_through)), 7);
  EXPECT_EQ(log, "opened used closed ");
}

TEST(UsingResource, ClosesOnThrow) {
  std::string log;
  EXPECT_EQ(thrown_by(using_resource(open_door(log), stumble)), "stumbled");
  EXPECT_EQ(log, "opened closed ");
}

TEST(UsingResource, ClosesOnCancelAndIsAwaited) {
  std::string log;
  EXPECT_EQ(run_root(within(2ms, using_resource(open_door(log), stand_in_the_way))), std::nullopt);
  EXPECT_EQ(log, "opened closed ");
}

TEST(UsingResource, AFailedOpenClosesNothing) {
  EXPECT_EQ(thrown_by(using_resource(open_broken(), walk_through)), "no door");
}

TEST(UsingResource, AFailedCloseIsReportedUnlessUseFailedFirst) {
  std::string log;
  EXPECT_EQ(thrown_by(using_resource(open_door(log, true), walk_through)), "stuck");
  EXPECT_EQ(thrown_by(using_resource(open_door(log, true), stumble)), "stumbled");
}

}  // namespace
}  // namespace trawl::coro
