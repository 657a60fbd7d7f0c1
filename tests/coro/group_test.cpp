#include "core/coro/group.hpp"

#include "tests/coro/trace.hpp"

#include <latch>
#include <thread>

namespace trawl::coro {
namespace {

Task<> spawn_two(std::string& log, Group& group) {
  group.spawn(wait_traced(log, "a", 2ms));
  group.spawn(wait_traced(log, "b", 1ms));
  co_return;
}

Task<> one_fails(std::string& log, Group& group) {
  group.spawn(wait_traced(log, "a", 10s));
  group.spawn(fail_after(1ms, "b broke"));
  co_await sleep_for(10s);  // the body is a child too: it is cancelled with the rest
}

Task<> body_fails(std::string& log, Group& group) {
  group.spawn(wait_traced(log, "a", 10s));
  co_await sleep_for(1ms);
  throw std::runtime_error("body broke");
}

Task<> spawn_two_patient(std::string& log, Group& group) {
  group.spawn(wait_traced(log, "a", 10s));
  group.spawn(wait_traced(log, "b", 10s));
  co_return;
}

Task<> nest(std::string& log, Group& group) {
  group.spawn(with_group(spawn_two_patient, std::ref(log)));
  group.spawn(fail_after(0ms, "outer broke"));
  co_return;
}

Task<> say_begun(std::latch& begun) {
  begun.count_down();
  co_return;
}

Task<> with_three(std::string& log, bool& joined, std::latch& begun) {
  Group group{co_await asio::this_coro::executor};
  group.spawn(wait_traced(log, "a", 10s));
  group.spawn(wait_traced(log, "b", 10s));
  group.spawn(say_begun(begun));
  Outcome<void> outcome;
  try {
    co_await group.join();
  } catch (...) {
    joined = group.size() == 0;
    throw;
  }
}

Task<> slow_unwind(std::string& log) {
  // A child that answers a cancellation only after some more work, as a transfer that commits does.
  try {
    co_await sleep_for(10s);
  } catch (const boost::system::system_error&) {
    log += "unwinding ";
  }
  co_await asio::this_coro::reset_cancellation_state();
  co_await sleep_for(2ms);
  log += "unwound ";
}

Task<> cancel_and_wait(std::string& log, Group& group) {
  group.spawn(slow_unwind(log));
  co_await sleep_for(1ms);
  group.cancel();
}

Task<> spawn_after_cancel(std::string& log, Group& group) {
  group.cancel();
  group.spawn(wait_traced(log, "late", 10s));
  co_return;
}

TEST(Group, EndsWhenAllChildrenHaveEnded) {
  std::string log;
  run_root(with_group(spawn_two, std::ref(log)));
  EXPECT_EQ(log, "a+ b+ done b- done a- ");
}

TEST(Group, FirstErrorCancelsSiblingsAndReachesTheParent) {
  std::string log;
  EXPECT_EQ(thrown_by(with_group(one_fails, std::ref(log))), "b broke");
  EXPECT_EQ(log, "a+ a- ");
}

TEST(Group, AnErrorOfTheBodyCancelsWhatItSpawned) {
  std::string log;
  EXPECT_EQ(thrown_by(with_group(body_fails, std::ref(log))), "body broke");
  EXPECT_EQ(log, "a+ a- ");
}

TEST(Group, AnErrorOutsideCancelsTheGroupsInside) {
  std::string log;
  EXPECT_EQ(thrown_by(with_group(nest, std::ref(log))), "outer broke");
  EXPECT_EQ(log.find("done"), std::string::npos) << log;
}

TEST(Group, CancellingTheRootUnwindsEveryChildBeforeRunReturns) {
  std::string log;
  bool joined = false;
  std::latch begun{1};
  Loop loop;
  std::thread other([&] {
    begun.wait();
    loop.cancel();
    loop.cancel();
  });
  EXPECT_THROW(loop.run(with_three(log, joined, begun)), boost::system::system_error);
  other.join();
  EXPECT_TRUE(joined);
  EXPECT_EQ(log, "a+ b+ a- b- ");
}

TEST(Group, AChildThatUnwindsSlowlyIsAwaited) {
  std::string log;
  run_root(with_group(cancel_and_wait, std::ref(log)));
  EXPECT_EQ(log, "unwinding unwound ");
}

TEST(Group, AChildSpawnedAfterCancelDoesNotBegin) {
  std::string log;
  run_root(with_group(spawn_after_cancel, std::ref(log)));
  EXPECT_EQ(log, "");
}

TEST(Loop, RunMayBeCalledAgain) {
  Loop loop;
  EXPECT_EQ(loop.run(give(1)), 1);
  EXPECT_EQ(loop.run(give(2)), 2);
}

TEST(Loop, GivesOnTheExceptionOfItsRoot) {
  EXPECT_EQ(thrown_by(fail_after(0ms, "root broke")), "root broke");
}

}  // namespace
}  // namespace trawl::coro
