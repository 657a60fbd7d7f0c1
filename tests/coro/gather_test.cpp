#include "core/coro/gather.hpp"

#include "tests/coro/trace.hpp"

namespace trawl::coro {
namespace {

Task<std::vector<int>> gather_three() {
  std::vector<Task<int>> tasks;
  tasks.push_back(give(1, 3ms));
  tasks.push_back(give(2, 1ms));
  tasks.push_back(give_at_once(3));
  co_return co_await gather(std::move(tasks));
}

Task<int> traced_int(std::string& log, std::string name) {
  co_await wait_traced(log, std::move(name), 10s);
  co_return 0;
}

Task<std::vector<int>> gather_with_failure(std::string& log) {
  std::vector<Task<int>> tasks;
  tasks.push_back(traced_int(log, "a"));
  tasks.push_back(fail_with_int(1ms, "second broke"));
  tasks.push_back(traced_int(log, "c"));
  co_return co_await gather(std::move(tasks));
}

Task<std::string> text() {
  co_return "text";
}

Task<std::vector<int>> gather_nothing() {
  return gather(std::vector<Task<int>>{});
}

TEST(Gather, ResultsComeInTheOrderOfTheTasks) {
  EXPECT_EQ(run_root(gather_three()), (std::vector{1, 2, 3}));
}

TEST(Gather, FirstErrorCancelsTheRestAndComesOut) {
  std::string log;
  EXPECT_EQ(thrown_by(gather_with_failure(log)), "second broke");
  EXPECT_EQ(log, "a+ c+ a- c- ");
}

TEST(Gather, TasksOfDifferentKindsGiveATuple) {
  const auto [number, word] = run_root(gather(give(7, 1ms), text()));
  EXPECT_EQ(number, 7);
  EXPECT_EQ(word, "text");
}

TEST(Gather, NothingToGatherIsDoneAtOnce) {
  EXPECT_TRUE(run_root(gather_nothing()).empty());
}

}  // namespace
}  // namespace trawl::coro
