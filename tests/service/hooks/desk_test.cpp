#include "service/hooks/desk.hpp"

#include "core/coro/loop.hpp"
#include "tests/support/loopback_server.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace trawl::service {
namespace {

using support::LoopbackServer;
using support::Reply;

std::shared_ptr<crawl::JobSpec> job_telling(const std::string& url) {
  auto job = std::make_shared<crawl::JobSpec>();
  job->hooks.on_host_blocked.url = url;
  job->hooks.allow_private_networks = {"127.0.0.0/8"};
  return job;
}

HookEvent blocked(std::size_t number) {
  return {.kind = HookKind::host_blocked,
          .at = Wall{Millis{static_cast<std::int64_t>(number)}},
          .host = "host-" + std::to_string(number)};
}

coro::Task<> run_desk(HookDesk& desk, coro::Group& group) {
  desk.run(group);
  co_return;
}

void run_to_end(HookDesk& desk) {
  desk.finish();
  coro::Loop loop;
  loop.run(coro::with_group(run_desk, std::ref(desk)));
}

TEST(HookDesk, DeliversWhatIsPostedAndDropsWhatIsTooMuch) {
  LoopbackServer server;
  server.on("/hook", Reply{});
  HookDesk desk;
  for (std::size_t i = 0; i < HookDesk::waiting_max + 10; ++i)
    desk.post(job_telling(server.url("/hook")), blocked(i));
  run_to_end(desk);
  std::set<std::string> bodies;
  for (const auto& request : server.requests()) bodies.insert(request.body);
  EXPECT_EQ(bodies.size(), HookDesk::waiting_max);
  EXPECT_LE(server.at_once_max(), HookDesk::deliveries_at_once);
}

TEST(HookDesk, OneReceiverThatHangsHoldsUpNoOther) {
  LoopbackServer server;
  server.on("/hangs", support::never_answer());
  server.on("/hook", Reply{});
  HookDesk desk;
  auto hanging = job_telling(server.url("/hangs"));
  hanging->hooks.attempts = 1;
  hanging->hooks.timeout = Millis{1'500};
  desk.post(hanging, blocked(1));
  desk.post(job_telling(server.url("/hook")), blocked(2));
  const auto began = std::chrono::steady_clock::now();
  run_to_end(desk);
  ASSERT_EQ(server.count("/hook"), 1U);
  for (const auto& request : server.requests())
    if (request.path == "/hook") EXPECT_LT(request.time - began, Millis{1'400});
}

TEST(HookDesk, SaysWhatBecameOfAnEvent) {
  LoopbackServer server;
  server.on("/hook", Reply{});
  server.on("/refuses", Reply{.status = 410});
  HookDesk desk;
  std::map<int, bool> done;
  const auto post = [&](int number, std::shared_ptr<crawl::JobSpec> job) {
    return desk.post(std::move(job), blocked(static_cast<std::size_t>(number)),
                     [&done, number](bool tried) { done[number] = tried; });
  };
  auto without_secret = job_telling(server.url("/hook"));
  without_secret->hooks.secret_file = "/nowhere/secret";
  EXPECT_TRUE(post(1, job_telling(server.url("/hook"))));
  EXPECT_TRUE(post(2, job_telling(server.url("/refuses"))));
  EXPECT_TRUE(post(3, without_secret));
  EXPECT_FALSE(post(4, std::make_shared<crawl::JobSpec>()));
  EXPECT_TRUE(done.empty());
  run_to_end(desk);
  EXPECT_EQ(done, (std::map<int, bool>{{1, true}, {2, true}, {3, false}}));
}

TEST(HookDesk, TakesNothingThatNobodyIsToBeToldOf) {
  HookDesk desk;
  for (int i = 0; i < 1'000; ++i) desk.post(std::make_shared<crawl::JobSpec>(), blocked(1));
  run_to_end(desk);
}

TEST(HookDesk, GoesOnWhenASecretIsMissing) {
  LoopbackServer server;
  server.on("/hook", Reply{});
  HookDesk desk;
  auto job = job_telling(server.url("/hook"));
  job->hooks.secret_file = "/nowhere/secret";
  desk.post(job, blocked(1));
  desk.post(job_telling(server.url("/hook")), blocked(2));
  run_to_end(desk);
  EXPECT_EQ(server.count("/hook"), 1U);
}

class NoDescriptors {
 public:
  NoDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit none{0, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

// Asio and the HTTP client throw errors of their own then.
TEST(HookDesk, EndsNothingWhenThereAreNoDescriptors) {
#if __has_feature(undefined_behavior_sanitizer)
  GTEST_SKIP() << "UBSan needs a descriptor itself, to look at an object's type";
#endif
  HookDesk desk;
  desk.post(job_telling("http://127.0.0.1:1/hook"), blocked(1));
  auto running = std::make_shared<crawl::JobSpec>();
  running->hooks.on_host_blocked.command = {"/bin/true"};
  desk.post(running, blocked(2));
  desk.finish();
  coro::Loop loop;
  const boost::asio::ip::tcp::socket first{loop.context()};  // after which the loop has its own
  const NoDescriptors none;
  EXPECT_NO_THROW(loop.run(coro::with_group(run_desk, std::ref(desk))));
}

}  // namespace
}  // namespace trawl::service
