// The snippets of docs/async.md, compiled and run. A test at the end compares the two files.
#include "core/coro/channel.hpp"
#include "core/coro/file.hpp"
#include "core/coro/gather.hpp"
#include "core/coro/guard.hpp"
#include "core/coro/loop.hpp"
#include "core/coro/race.hpp"
#include "core/coro/semaphore.hpp"
#include "core/coro/timeout.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

namespace trawl::coro {
namespace {

using namespace std::chrono_literals;  // NOLINT: test code

Task<int> answer() {
  co_return 42;
}

int run_the_loop() {
  return run_root(answer());
}

Task<> add(int number, int& sum) {
  co_await sleep_for(1ms);
  sum += number;
}

Task<> add_three(int& sum, Group& group) {
  for (int number : {1, 2, 3}) group.spawn(add(number, sum));
  co_return;  // with_group waits for all three
}

Task<int> sum_of_three() {
  int sum = 0;
  auto adding = with_group(add_three, std::ref(sum));
  co_await std::move(adding);
  co_return sum;
}

Task<int> square(int number) {
  co_await sleep_for(std::chrono::milliseconds(10 - number));
  co_return number* number;
}

Task<std::vector<int>> squares() {
  std::vector<Task<int>> tasks;
  for (int number : {1, 2, 3}) tasks.push_back(square(number));
  auto gathering = gather(std::move(tasks));
  co_return co_await std::move(gathering);
}

Task<std::string> mirror(std::string name, std::chrono::milliseconds latency) {
  co_await sleep_for(latency);
  co_return name;
}

Task<std::string> fastest_mirror() {
  auto racing = race(mirror("near", 1ms), mirror("far", 10s));
  auto won = co_await std::move(racing);  // "far" was cancelled and awaited
  co_return won.index() == 0 ? std::get<0>(won) : std::get<1>(won);
}

Task<std::string> mirror_or_default() {
  auto limited = within(2ms, mirror("slow", 10s));
  const std::optional<std::string> name = co_await std::move(limited);
  co_return name.value_or("default");
}

Task<> visit(Semaphore& semaphore, int& inside, int& most) {
  auto acquiring = semaphore.acquire();
  const Permit permit = co_await std::move(acquiring);  // given back by its destructor
  most = std::max(most, ++inside);
  co_await sleep_for(1ms);
  --inside;
}

Task<> produce(Channel<int>& channel) {
  for (int i = 1; i <= 3; ++i) {
    auto sending = channel.send(i);  // waits while the channel is full
    co_await std::move(sending);
  }
  channel.close();
}

Task<int> consume(Channel<int>& channel) {
  int sum = 0;
  for (;;) {
    auto receiving = channel.next();
    const std::optional<int> value = co_await std::move(receiving);
    if (!value) co_return sum;  // closed and empty
    sum += *value;
  }
}

AsyncGenerator<int> countdown(int from) {
  for (int i = from; i > 0; --i) {
    auto pause = sleep_for(1ms);
    co_await std::move(pause);
    co_yield i;
  }
}

Task<int> sum_of_countdown() {
  auto numbers = countdown(4);
  int sum = 0;
  for (;;) {
    auto next = numbers.next();  // every async iterator here has this one method
    const std::optional<int> value = co_await std::move(next);
    if (!value) co_return sum;
    sum += *value;
  }
}

Task<> save(File& file) {
  co_await file.write("kept\n");
  co_await file.sync();
}

Task<std::string> save_and_read(Worker& worker, std::filesystem::path path) {
  auto saving = using_resource(File::open(worker, path, File::Mode::write), save);
  co_await std::move(saving);
  auto reading = worker.run([path] { return std::filesystem::file_size(path); });
  const auto bytes = co_await std::move(reading);
  co_return std::to_string(bytes) + " bytes";
}

Task<int> most_inside() {
  const auto executor = co_await asio::this_coro::executor;
  Semaphore semaphore{executor, 2};
  int inside = 0;
  int most = 0;
  Group group{executor};
  for (int i = 0; i < 6; ++i) group.spawn(visit(semaphore, inside, most));
  co_await group.join();
  co_return most;
}

Task<int> through_a_channel() {
  const auto executor = co_await asio::this_coro::executor;
  Channel<int> channel{1};
  Group group{executor};
  group.spawn(produce(channel));
  auto consuming = consume(channel);
  const int sum = co_await std::move(consuming);
  co_await group.join();
  co_return sum;
}

TEST(Cookbook, EverySnippetDoesWhatThePageSays) {
  EXPECT_EQ(run_the_loop(), 42);
  EXPECT_EQ(run_root(sum_of_three()), 6);
  EXPECT_EQ(run_root(squares()), (std::vector{1, 4, 9}));
  EXPECT_EQ(run_root(fastest_mirror()), "near");
  EXPECT_EQ(run_root(mirror_or_default()), "default");
  EXPECT_EQ(run_root(most_inside()), 2);
  EXPECT_EQ(run_root(through_a_channel()), 6);
  EXPECT_EQ(run_root(sum_of_countdown()), 10);
  const auto path =
      std::filesystem::temp_directory_path() / ("trawl_cookbook_" + std::to_string(::getpid()));
  Worker worker{"files", 4};
  EXPECT_EQ(run_root(save_and_read(worker, path)), "5 bytes");
  std::filesystem::remove(path);
}

std::string slurp(const std::string& path) {
  std::stringstream text;
  text << std::ifstream{path}.rdbuf();
  return text.str();
}

// The formatter may break lines of the code where the page doesn't.
std::string without_space(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
  return text;
}

TEST(Cookbook, ThePageAndTheTestedCodeAreTheSame) {
  const std::string page = slurp(TRAWL_SOURCE_DIR "/docs/async.md");
  const std::string code = without_space(slurp(TRAWL_SOURCE_DIR "/tests/coro/cookbook_test.cpp"));
  int snippets = 0;
  for (auto at = page.find("```cpp\n"); at != page.npos; at = page.find("```cpp\n", at)) {
    at += 7;
    const auto end = page.find("```", at);
    const std::string snippet = page.substr(at, end - at);
    EXPECT_NE(code.find(without_space(snippet)), code.npos) << snippet;
    ++snippets;
    at = end;
  }
  EXPECT_GE(snippets, 9);
}

}  // namespace
}  // namespace trawl::coro
