#include "core/coro/worker.hpp"

#include "core/coro/gather.hpp"
#include "core/coro/timeout.hpp"
#include "tests/coro/trace.hpp"

#include <algorithm>
#include <atomic>
#include <latch>
#include <vector>

namespace trawl::coro {
namespace {

int thread_of_worker_differs() {
  return 3;
}

Task<int> compute(Worker& worker) {
  const auto loop_thread = std::this_thread::get_id();
  auto running = worker.run([loop_thread] {
    EXPECT_NE(std::this_thread::get_id(), loop_thread);
    return thread_of_worker_differs();
  });
  const int value = co_await std::move(running);
  EXPECT_EQ(std::this_thread::get_id(), loop_thread) << "results come back to the caller's loop";
  co_return value;
}

Task<> throw_on_worker(Worker& worker) {
  return worker.run([] { throw std::runtime_error("worker broke"); });
}

Task<> count_up(Worker& worker, std::atomic<int>& count) {
  return worker.run([&count] { ++count; });
}

Task<> full_queue(Worker& worker, std::latch& gate) {
  const auto executor = co_await asio::this_coro::executor;
  std::atomic<int> count = 0;
  Group group{executor};
  std::latch running{1};
  group.spawn(worker.run([&gate, &running] {
    running.count_down();
    gate.wait();
  }));
  while (!running.try_wait()) co_await yield_now();
  for (int i = 0; i < 10; ++i) group.spawn(count_up(worker, count));
  for (int i = 0; i < 50; ++i) co_await yield_now();
  EXPECT_LE(worker.queued(), 2u) << "the bound holds; the other callers wait";
  EXPECT_EQ(count, 0);
  gate.count_down();
  co_await group.join();
  EXPECT_EQ(count, 10);
}

Task<> cancel_while_full(Worker& worker, std::latch& gate, std::atomic<int>& count) {
  const auto executor = co_await asio::this_coro::executor;
  Group busy{executor};
  busy.spawn(worker.run([&gate] { gate.wait(); }));
  for (int i = 0; i < 3; ++i) busy.spawn(count_up(worker, count));
  for (int i = 0; i < 50; ++i) co_await yield_now();
  auto waiting = within(1ms, count_up(worker, count));
  EXPECT_FALSE(co_await std::move(waiting)) << "gave up before it had a place";
  gate.count_down();
  co_await busy.join();
}

TEST(Worker, RunsElsewhereAndAnswersHere) {
  Worker worker{"test", 4};
  EXPECT_EQ(run_root(compute(worker)), 3);
}

TEST(Worker, ExceptionsReachTheAwaiter) {
  Worker worker{"test", 4};
  EXPECT_EQ(thrown_by(throw_on_worker(worker)), "worker broke");
}

TEST(Worker, AFullQueueMakesTheCallerWait) {
  Worker worker{"test", 2};
  std::latch gate{1};
  run_root(full_queue(worker, gate));
}

TEST(Worker, CancelledWhileTheQueueIsFullTheFunctionDoesNotRun) {
  Worker worker{"test", 2};
  std::latch gate{1};
  std::atomic<int> count = 0;
  run_root(cancel_while_full(worker, gate, count));
  EXPECT_EQ(count, 3);
}

// The worker offers the place while this loop is busy; then the one that waits is cancelled, before
// it could hear of it.
Task<> cancel_at_the_offer(Worker& worker, std::latch& gate, std::atomic<int>& count) {
  const auto executor = co_await asio::this_coro::executor;
  Group busy{executor}, late{executor};
  std::latch running{1};
  busy.spawn(worker.run([&gate, &running] {
    running.count_down();
    gate.wait();
  }));
  while (!running.try_wait()) co_await yield_now();
  busy.spawn(count_up(worker, count));
  for (int i = 0; i < 10; ++i) co_await yield_now();
  late.spawn(count_up(worker, count));
  for (int i = 0; i < 10; ++i) co_await yield_now();
  gate.count_down();
  while (worker.queued() > 0) std::this_thread::yield();
  late.cancel();
  co_await late.join();
  co_await busy.join();
}

Task<> use_all_places(Worker& worker, std::atomic<int>& count) {
  auto waiting = within(5s, count_up(worker, count));
  EXPECT_TRUE(co_await std::move(waiting)) << "all places of the queue are lost";
}

TEST(Worker, APlaceThatIsOfferedToOneThatIsCancelledIsNotLost) {
  for (int round = 0; round < 20; ++round) {
    Worker worker{"test", 1};
    std::latch gate{1};
    std::atomic<int> count = 0;
    run_root(cancel_at_the_offer(worker, gate, count));
    EXPECT_GE(count, 1);
    run_root(use_all_places(worker, count));
  }
}

Task<> note_number(Worker& worker, std::vector<int>& order, int number) {
  return worker.run([&order, number] { order.push_back(number); });
}

Task<> in_order(Worker& worker, std::vector<int>& order, int count) {
  const auto executor = co_await asio::this_coro::executor;
  Group group{executor};
  for (int i = 0; i < count; ++i) {
    group.spawn(note_number(worker, order, i));
    co_await yield_now();
  }
  co_await group.join();
}

TEST(Worker, CallsOfOneLoopRunInTheOrderTheyWereMade) {
  Worker worker{"test", 2};
  std::vector<int> order;  // the worker's thread only
  run_root(in_order(worker, order, 5000));
  EXPECT_EQ(order.size(), 5000u);
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

TEST(Worker, ACancelledCallerWaitsForTheJobThatUsesItsFrame) {
  Worker worker{"test", 2};
  std::atomic<bool> ended = false;
  const bool in_time = run_root(within(1ms, worker.run([&ended] {
    std::this_thread::sleep_for(20ms);
    ended = true;
  })));
  EXPECT_TRUE(ended);
  EXPECT_TRUE(in_time) << "it did end with a value";
}

TEST(Worker, NothingIsLostAtShutdown) {
  std::atomic<int> count = 0;
  constexpr int loops = 4;
  constexpr int jobs = 500;
  {
    Worker worker{"test", 8};
    std::vector<std::jthread> threads;
    for (int i = 0; i < loops; ++i)
      threads.emplace_back([&] {
        std::vector<Task<>> tasks;
        for (int k = 0; k < jobs; ++k) tasks.push_back(count_up(worker, count));
        run_root(gather(std::move(tasks)));
      });
  }
  EXPECT_EQ(count, loops * jobs);
}

}  // namespace
}  // namespace trawl::coro
