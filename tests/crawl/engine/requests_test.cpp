// Lists of requests: methods, bodies, what is repeated and what is not.
#include "core/crawl/job/url_text.hpp"
#include "tests/crawl/engine/list_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

void run_to_end(const JobSpec& job, MemoryStore& store) {
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
}

std::string post(const std::string& url, std::string_view body = "x") {
  return fmt::format(R"({{"url":"{}","method":"POST","body":"{}"}})", url, body);
}

TEST(Requests, AListMayAskWithAnyMethodFieldsAndBody) {
  LoopbackServer server;
  server.on("/f", Reply{.body = "answer"});
  ListJob job{
      fmt::format("# a list\n{0}\n{1}\n{2}\n{2}\n"
                  R"({{"url":"{0}","method":"HEAD","headers":{{"X-Mine":"1"}}}})",
                  server.url("/f"), post(server.url("/f"), "one"), post(server.url("/f"), "two"))};
  MemoryStore store;
  run_to_end(job.spec, store);
  std::vector<std::string> asked;
  for (const auto& request : requests_for(server, "/f"))
    asked.push_back(fmt::format("{} {}{}", request.method, request.body, request.header("x-mine")));
  EXPECT_THAT(asked, UnorderedElementsAre("GET ", "POST one", "POST two", "HEAD 1"));
  EXPECT_EQ(store.totals().fetched, 4u);
  // The next run knows them all.
  run_to_end(job.spec, store);
  EXPECT_EQ(server.count("/f"), 4u);
}

TEST(Requests, ABadLineIsARecordWithItsPlaceAndTheRestIsFetched) {
  LoopbackServer server;
  server.on("/f", Reply{.body = "answer"});
  ListJob job{R"({"url":"http://a/","metod":"POST"})"
              "\n" +
              server.url("/f")};
  MemoryStore store;
  run_to_end(job.spec, store);
  EXPECT_EQ(server.count("/f"), 1u);
  const auto record = store.record(R"({"url":"http://a/","metod":"POST"})");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->outcome.state, UrlState::excluded);
  EXPECT_EQ(record->outcome.error, Errc::bad_url);
  EXPECT_THAT(record->outcome.error_detail, HasSubstr(job.place(1)));
  EXPECT_THAT(record->outcome.error_detail, HasSubstr("unknown key \"metod\""));
}

TEST(Requests, ACrawlTakesNoJsonLines) {
  LoopbackServer server;
  ListJob job{post(server.url("/f"))};
  job.spec.mode = JobMode::crawl;
  MemoryStore store;
  run_to_end(job.spec, store);
  EXPECT_EQ(server.count(), 0u);
  const auto record = store.record(line_excerpt(post(server.url("/f")), job.place(1)));
  ASSERT_TRUE(record);
  EXPECT_THAT(record->outcome.error_detail, HasSubstr("job.mode"));
}

// RFC 9110 9.2.2.
TEST(Requests, APostThatMayHaveBeenActedOnIsNotSentAgain) {
  LoopbackServer server;
  server.on("/500", Reply{.status = 500});
  server.on("/reset", support::reset_before_head());
  server.on("/short", Reply{.body = "short", .cut = Cut::close, .cut_after = 2});
  ListJob job{post(server.url("/500")) + "\n" + post(server.url("/reset")) + "\n" +
              post(server.url("/short"))};
  MemoryStore store;
  run_to_end(job.spec, store);
  for (const char* path : {"/500", "/reset", "/short"}) EXPECT_EQ(server.count(path), 1u) << path;
  EXPECT_EQ(store.record(server.url("/reset"))->outcome.error, Errc::reset);
  EXPECT_EQ(store.record(server.url("/500"))->outcome.status, 500);
}

TEST(Requests, OneThatWasTurnedAwayIs) {
  LoopbackServer server;
  std::size_t asked = 0;
  server.on("/busy", [&](const SeenRequest&) {
    return asked++ == 0 ? Reply{.status = 503} : Reply{.body = "done"};
  });
  ListJob job{post(server.url("/busy"))};
  MemoryStore store;
  run_to_end(job.spec, store);
  EXPECT_EQ(server.count("/busy"), 2u);
  EXPECT_EQ(store.record(server.url("/busy"))->outcome.status, 200);
}

// libcurl would send it again by itself when the server has closed a kept connection.
TEST(Requests, APostHasAConnectionOfItsOwn) {
  LoopbackServer server;
  server.on("/f", Reply{.body = "answer"});
  ListJob job{server.url("/f") + "\n" + post(server.url("/f"), "1") + "\n" +
              post(server.url("/f"), "2")};
  job.spec.politeness.per_host = 1;
  MemoryStore store;
  run_to_end(job.spec, store);
  EXPECT_EQ(server.connections(), 3u);  // robots.txt and the GET share one
}

TEST(Requests, ARunThatEndsBeforeTheAnswerLeavesThePostUnsentByTheNext) {
  LoopbackServer server;
  server.on("/f", support::never_answer());
  ListJob job{post(server.url("/f"))};
  MemoryStore store;
  {
    CrawlRun run{job.spec, store};
    ASSERT_TRUE(server.wait_for("/f", 1));
    run.crawler().stop();
    run.crawler().stop();
    EXPECT_EQ(run.wait().reason, StopReason::interrupted);
  }
  EXPECT_EQ(store.totals().queued, 1u);
  run_to_end(job.spec, store);
  EXPECT_EQ(server.count("/f"), 1u);
  const auto record = *store.record(server.url("/f"));
  EXPECT_EQ(record.outcome.state, UrlState::failed);
  EXPECT_EQ(record.outcome.error, Errc::cancelled);
  EXPECT_THAT(record.outcome.error_detail, HasSubstr("isn't sent again"));
}

TEST(Requests, RedirectsOfAPostAreFollowedAsBrowsersDo) {
  LoopbackServer server;
  server.on("/other", support::redirect_to("/got", 303));
  server.on("/same", support::redirect_to("/kept", 307));
  server.on("/form", [](const SeenRequest& request) {
    return request.method == "POST" ? support::redirect_to("/form", 303) : Reply{.body = "form"};
  });
  server.on("/got", Reply{.body = "1"});
  server.on("/kept", Reply{.body = "2"});
  ListJob job{post(server.url("/other")) + "\n" + post(server.url("/same")) + "\n" +
              post(server.url("/form"))};
  MemoryStore store;
  run_to_end(job.spec, store);
  EXPECT_EQ(requests_for(server, "/got")[0].method, "GET");
  EXPECT_EQ(requests_for(server, "/kept")[0].method, "POST");
  EXPECT_EQ(requests_for(server, "/kept")[0].body, "x");
  const auto forms = requests_for(server, "/form");
  ASSERT_EQ(forms.size(), 2u);
  EXPECT_EQ(forms[1].method, "GET");
  EXPECT_EQ(store.totals().fetched, 6u);
  EXPECT_EQ(store.totals().failed, 0u);
}

}  // namespace
}  // namespace trawl::crawl
