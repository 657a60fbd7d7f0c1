#include "service/hooks/hooks.hpp"

#include "core/coro/loop.hpp"
#include "service/hooks/delivery.hpp"
#include "storage/sqlite/store.hpp"
#include "tests/support/loopback_server.hpp"
#include "tests/support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trawl::service {
namespace {

using support::LoopbackServer;
using support::Reply;
using support::SeenRequest;
using testing::HasSubstr;

crawl::JobSpec job_telling(const std::string& url) {
  crawl::JobSpec job;
  job.name = "docs";
  job.hooks.on_finish.url = url;
  job.hooks.allow_private_networks = {"127.0.0.0/8"};
  job.hooks.timeout = Millis{5'000};
  return job;
}

HookEvent finish() {
  return {
      .kind = HookKind::finish, .job = "docs", .dir = "/d", .at = Wall{Millis{1}}, .end = "done"};
}

coro::Task<bool> tell_of(const crawl::JobSpec& job, HookEvent event) {
  Hooks hooks{co_await coro::asio::this_coro::executor, job};
  auto telling = hooks.tell(std::move(event));
  co_return co_await std::move(telling);
}

bool tell(const crawl::JobSpec& job, HookEvent event = finish()) {
  coro::Loop loop;
  return loop.run(tell_of(job, std::move(event)));
}

TEST(Hooks, WebhookIsASignedPostOfTheEvent) {
  LoopbackServer server;
  server.on("/hook", Reply{.status = 204});
  const support::TempDir folder;
  auto job = job_telling(server.url("/hook?a=1"));
  job.hooks.secret_file = folder.write("secret", "s3cret\nmore\n");
  EXPECT_TRUE(tell(job));
  ASSERT_EQ(server.requests().size(), 1U);
  const SeenRequest request = server.requests().front();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/hook?a=1");
  EXPECT_EQ(request.body, hook_payload(finish()));
  EXPECT_EQ(request.header("Content-Type"), "application/json");
  EXPECT_EQ(request.header("X-Trawl-Event"), "finish");
  EXPECT_EQ(request.header("X-Trawl-Delivery"), hook_id(finish()));
  const auto timestamp = std::stoll(std::string{request.header("X-Trawl-Timestamp")});
  EXPECT_EQ(request.header("X-Trawl-Signature"), hook_signature("s3cret", timestamp, request.body));
}

TEST(Hooks, IsTriedAgainUntilItIsTaken) {
  LoopbackServer server;
  int asked = 0;  // server's thread
  server.on("/hook", [&](const SeenRequest&) {
    return ++asked == 1 ? Reply{.status = 503, .headers = {{"Retry-After", "1"}}} : Reply{};
  });
  EXPECT_TRUE(tell(job_telling(server.url("/hook"))));
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].body, requests[1].body);
  EXPECT_GE(requests[1].time - requests[0].time, Millis{900});
}

TEST(Hooks, RefusalsAndRedirectsEndIt) {
  LoopbackServer server;
  server.on("/refuses", Reply{.status = 404});
  server.on("/redirects", support::redirect_to(server.url("/other")));
  EXPECT_FALSE(tell(job_telling(server.url("/refuses"))));
  EXPECT_FALSE(tell(job_telling(server.url("/redirects"))));
  EXPECT_EQ(server.count(), 2U);
}

TEST(Hooks, AddressesAreGuardedByAListOfTheirOwn) {
  LoopbackServer server;
  auto job = job_telling(server.url("/hook"));
  job.hooks.allow_private_networks.clear();
  job.fetch.allow_private_networks = {"127.0.0.0/8"};
  EXPECT_FALSE(tell(job));
  EXPECT_EQ(server.connections(), 0U);
}

TEST(Hooks, CommandIsToldToo) {
  const support::TempDir folder;
  crawl::JobSpec job;
  job.hooks.on_finish.command = {"/bin/sh", "-c", "echo \"$TRAWL_EVENT $TRAWL_END\" >\"$0\"",
                                 (folder / "out").string()};
  EXPECT_TRUE(tell(job));
  EXPECT_EQ(folder.read("out"), "finish done\n");
  job.hooks.on_finish.command = {"/bin/false"};
  EXPECT_FALSE(tell(job));
}

TEST(Hooks, NobodyIsToldOfWhatNobodyWants) {
  EXPECT_TRUE(tell(crawl::JobSpec{}));
}

TEST(Hooks, ASecretThatCantBeReadIsSaidAtOnce) {
  auto job = job_telling("http://127.0.0.1:1/");
  job.hooks.secret_file = "/nowhere/secret";
  EXPECT_THROW(tell(job), Failure);
}

coro::Task<ExitCode> end_with(ExitCode code) {
  co_return code;
}
coro::Task<ExitCode> fail_with(std::string what) {
  throw Failure(Errc::disk_full, what);
  co_return ExitCode::ok;
}

TEST(Hooks, RunInTheForegroundTellsHowItEnded) {
  LoopbackServer server;
  server.on("/finish", Reply{});
  server.on("/error", Reply{});
  auto job = job_telling(server.url("/finish"));
  job.hooks.on_error.url = server.url("/error");
  const support::TempDir dir;
  job.output.dir = dir.path();
  storage::SqliteStore{dir / "crawl.db"}.apply(
      {.run = crawl::RunRecord{.began_ms = 1, .end = "limit", .detail = "limits.pages = 7"}});
  coro::Loop loop;
  const auto ending = [](ExitCode code) { return [=](auto) { return end_with(code); }; };
  EXPECT_EQ(loop.run(run_with_hooks(job, ending(ExitCode::limit))), ExitCode::limit);
  EXPECT_EQ(loop.run(run_with_hooks(job, ending(ExitCode::interrupted))), ExitCode::interrupted);
  EXPECT_THROW(loop.run(run_with_hooks(job, [](auto) { return fail_with("no room"); })), Failure);
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].path, "/finish");
  EXPECT_THAT(requests[0].body, HasSubstr(R"("end":"limit","detail":"limits.pages = 7")"));
  EXPECT_EQ(requests[1].path, "/error");
  EXPECT_THAT(requests[1].body, HasSubstr(R"("detail":"no room")"));
}

}  // namespace
}  // namespace trawl::service
