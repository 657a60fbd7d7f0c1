// Bodies that break off and are continued; docs/faults.md row 28 and RFC 9110 14, over sockets.
#include "tests/crawl/engine/list_run.hpp"
#include "tests/crawl/engine/polite_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

using testing::HasSubstr;

const std::string body = pattern(3 << 20);
constexpr std::size_t half = 2 << 20;

// Answers the requests for "/f" one after the other as told, the last one again and again.
class Served {
 public:
  explicit Served(std::vector<LoopbackServer::Handler> answers) : answers_(std::move(answers)) {
    server.on("/f", [this](const SeenRequest& request) {
      const std::size_t number = std::min(asked_++, answers_.size() - 1);
      return answers_[number](request);
    });
  }
  LoopbackServer server;

  std::vector<SeenRequest> requests() const { return requests_for(server, "/f"); }
  crawl::Record fetch(BodyMode bodies = BodyMode::none) {
    ListJob job{server.url("/f")};
    job.spec.output.bodies = bodies;
    MemoryStore store;
    CrawlRun run{job.spec, store};
    EXPECT_EQ(run.wait().reason, StopReason::done);
    EXPECT_TRUE(store.parts().empty());
    return *store.record(server.url("/f"));
  }
  // In so many attempts at most; parts may be left.
  crawl::Record fetch_within(int attempts) {
    ListJob job{server.url("/f")};
    job.spec.fetch.attempts = attempts;
    MemoryStore store;
    CrawlRun run{job.spec, store};
    EXPECT_EQ(run.wait().reason, StopReason::done);
    return *store.record(server.url("/f"));
  }

 private:
  std::vector<LoopbackServer::Handler> answers_;
  std::size_t asked_ = 0;
};

LoopbackServer::Handler always(Reply reply) {
  return [reply = std::move(reply)](const SeenRequest&) { return reply; };
}

// As a server does that knows ranges and If-Range.
Reply serve(const SeenRequest& request, const std::string& whole, std::string_view etag) {
  const std::size_t first = first_byte(request);
  if (first == 0 || request.header("if-range") != etag)
    return file(whole, {{"ETag", std::string{etag}}});
  return rest_of(whole, first, {{"ETag", std::string{etag}}});
}

// Of what is given up in mid-body nothing is fetched twice: a stop is no crash.
TEST(Continuation, AStopKeepsWhatHasCome) {
  Served served{{[](const SeenRequest&) {
                   Reply reply = broken_file(body, half);
                   reply.cut = Cut::stall;
                   return reply;
                 },
                 [](const SeenRequest& request) { return serve(request, body, "\"v1\""); }}};
  ListJob job{served.server.url("/f")};
  job.spec.grace = Millis{500};  // too short for a part to be saved while it arrives
  MemoryStore store;
  const support::TempDir folder;
  std::filesystem::create_directory(folder / "tmp");
  {
    CrawlRun run{job.spec, store, {.folder = folder.path()}};
    wait_until([&] { return !served.requests().empty(); });
    run.crawler().stop();
    EXPECT_EQ(run.wait().reason, StopReason::interrupted);
  }
  ASSERT_EQ(store.parts().size(), 1u);
  CrawlRun again{job.spec, store, {.folder = folder.path()}};
  EXPECT_EQ(again.wait().reason, StopReason::done);
  const auto record = *store.record(served.server.url("/f"));
  EXPECT_EQ(record.outcome.digest, digest_of(body));
  EXPECT_EQ(record.outcome.attempts, 1);
  EXPECT_EQ(served.requests().back().header("range"), fmt::format("bytes={}-", half));
}

TEST(Continuation, ABodyThatBreaksOffIsContinuedFromWhereItStopped) {
  Served served{{always(broken_file(body, half)),
                 [](const SeenRequest& request) { return serve(request, body, "\"v1\""); }}};
  const auto record = served.fetch();
  EXPECT_EQ(record.outcome.state, UrlState::fetched);
  EXPECT_EQ(record.outcome.status, 200);
  EXPECT_EQ(record.outcome.digest, digest_of(body));
  EXPECT_EQ(record.outcome.bytes_body, body.size());
  EXPECT_LT(record.outcome.bytes_wire, body.size() - half + 1024);
  EXPECT_EQ(record.outcome.etag, "\"v1\"");
  EXPECT_EQ(record.outcome.attempts, 2);
  const auto requests = served.requests();
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].header("range"), "");
  EXPECT_EQ(requests[1].header("range"), fmt::format("bytes={}-", half));
  EXPECT_EQ(requests[1].header("if-range"), "\"v1\"");
}

TEST(Continuation, AContinuationThatBreaksOffIsContinuedToo) {
  Served served{{always(broken_file(body, half)),
                 [](const SeenRequest& request) {
                   Reply rest = rest_of(body, first_byte(request), {{"ETag", "\"v1\""}});
                   rest.cut = Cut::close;
                   rest.cut_after = 512 * 1024;
                   return rest;
                 },
                 [](const SeenRequest& request) { return serve(request, body, "\"v1\""); }}};
  EXPECT_EQ(served.fetch().outcome.digest, digest_of(body));
  const auto requests = served.requests();
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_EQ(requests[2].header("range"), fmt::format("bytes={}-", half + 512 * 1024));
}

TEST(Continuation, ABodyThatChangedIsFetchedAnew) {
  const std::string other = pattern((3 << 20) + 5).substr(5);
  Served served{{always(broken_file(body, half)),
                 [&](const SeenRequest& request) { return serve(request, other, "\"v2\""); }}};
  const auto record = served.fetch();
  EXPECT_EQ(record.outcome.digest, digest_of(other));
  EXPECT_EQ(record.outcome.etag, "\"v2\"");
  EXPECT_EQ(served.requests().size(), 2u);
}

TEST(Continuation, WhatIsNoRightAnswerToARangeStartsAnew) {
  Reply another_range = rest_of(body, half, {{"ETag", "\"v1\""}});
  another_range.headers.back().second = fmt::format("bytes 0-{}/{}", half, body.size());
  for (const Reply& odd : {Reply{.status = 416, .headers = {{"Content-Range", "bytes */1"}}},
                           another_range, rest_of(body, half, {{"ETag", "\"v2\""}})}) {
    Served served{{always(broken_file(body, half)), always(odd), always(file(body))}};
    const auto record = served.fetch();
    EXPECT_EQ(record.outcome.state, UrlState::fetched);
    EXPECT_EQ(record.outcome.digest, digest_of(body));
    const auto requests = served.requests();
    ASSERT_EQ(requests.size(), 3u);
    EXPECT_EQ(requests[2].header("range"), "");
  }
}

// The head is right and the body goes on behind the range.
TEST(Continuation, MoreThanTheRangeStartsAnew) {
  const auto too_long = [](const SeenRequest& request) {
    Reply reply = rest_of(body, first_byte(request), {{"ETag", "\"v1\""}});
    reply.body += std::string(1 << 20, 'x');
    reply.chunked = true;
    return reply;
  };
  for (const BodyMode bodies : {BodyMode::none, BodyMode::files}) {
    Served served{{always(broken_file(body, half)), too_long,
                   [](const SeenRequest& request) { return serve(request, body, "\"v1\""); }}};
    const auto record = served.fetch(bodies);
    EXPECT_EQ(record.outcome.state, UrlState::fetched);
    EXPECT_EQ(record.outcome.digest, digest_of(body));
    EXPECT_EQ(record.outcome.bytes_body, body.size());
    ASSERT_EQ(served.requests().size(), 3u);
    EXPECT_EQ(served.requests()[2].header("range"), "");
  }
}

TEST(Continuation, AnAnswerOfAnotherKindLeavesThePartForTheNextAttempt) {
  Served served{{always(broken_file(body, half)), always(Reply{.status = 503}),
                 [](const SeenRequest& request) { return serve(request, body, "\"v1\""); }}};
  EXPECT_EQ(served.fetch().outcome.digest, digest_of(body));
  const auto requests = served.requests();
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_EQ(requests[2].header("range"), fmt::format("bytes={}-", half));
}

TEST(Continuation, OnlyWhatAStrongValidatorVouchesForIsContinued) {
  const std::vector<support::HeaderList> weak{
      {}, {{"ETag", "W/\"v1\""}}, {{"ETag", "\"v1\""}, {"Accept-Ranges", "none"}}};
  for (const auto& headers : weak) {
    Served served{{always(broken_file(body, half, headers)), always(file(body, headers))}};
    EXPECT_EQ(served.fetch().outcome.digest, digest_of(body));
    EXPECT_EQ(served.requests().back().header("range"), "");
  }
  const std::string date = "Thu, 01 Jan 2026 00:00:00 GMT";
  Served dated{
      {always(broken_file(body, half, {{"Last-Modified", date}})), [&](const SeenRequest& request) {
         return rest_of(body, first_byte(request), {{"Last-Modified", date}});
       }}};
  EXPECT_EQ(dated.fetch().outcome.digest, digest_of(body));
  EXPECT_EQ(dated.requests().back().header("if-range"), date);
}

TEST(Continuation, AShortStartIsNotWorthIt) {
  Served served{{always(broken_file(body, 900'000)), always(file(body))}};
  EXPECT_EQ(served.fetch().outcome.digest, digest_of(body));
  EXPECT_EQ(served.requests().back().header("range"), "");
}

// There each record is an exchange as it was, and half a body has a record of its own at the end.
TEST(Continuation, InWarcEachBodyIsFetchedWhole) {
  Served served{{always(broken_file(body, half)), always(file(body))}};
  EXPECT_EQ(served.fetch(BodyMode::warc).outcome.digest, digest_of(body));
  EXPECT_EQ(served.requests().back().header("range"), "");
}

TEST(Continuation, AStallInMidBodyKeepsWhatCame) {
  Reply stalled = broken_file(body, half);
  stalled.cut = Cut::stall;
  Served served{
      {always(stalled), [](const SeenRequest& request) { return serve(request, body, "\"v1\""); }}};
  ListJob job{served.server.url("/f")};
  job.spec.fetch.timeouts.total = Millis{800};
  MemoryStore store;
  CrawlRun run{job.spec, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(store.record(served.server.url("/f"))->outcome.digest, digest_of(body));
  EXPECT_EQ(served.requests().back().header("range"), fmt::format("bytes={}-", half));
}

// The rest, of which so much comes.
LoopbackServer::Handler broken_rest(std::size_t bytes) {
  return [bytes](const SeenRequest& request) {
    Reply rest = rest_of(body, first_byte(request), {{"ETag", "\"v1\""}});
    rest.cut = Cut::close;
    rest.cut_after = bytes;
    return rest;
  };
}

TEST(Continuation, AnAttemptThatBringsMuchIsNotCounted) {
  Served served{{always(broken_file(body, 1 << 20)), broken_rest(64 * 1024), broken_rest(64 * 1024),
                 broken_rest(1), broken_rest(64 * 1024),
                 [](const SeenRequest& request) { return serve(request, body, "\"v1\""); }}};
  const auto record = served.fetch_within(3);
  EXPECT_EQ(record.outcome.state, UrlState::fetched);
  EXPECT_EQ(record.outcome.digest, digest_of(body));
  EXPECT_EQ(record.outcome.attempts, 6);
}

TEST(Continuation, ABodyThatBeginsAnewIsCountedHoweverMuchComes) {
  Served served{{[version = 0](const SeenRequest&) mutable {
    return broken_file(body, half, {{"ETag", fmt::format("\"v{}\"", ++version)}});
  }}};
  EXPECT_EQ(served.fetch_within(3).outcome.state, UrlState::failed);
  EXPECT_EQ(served.requests().size(), 3u);
}

TEST(Continuation, WhatBringsNextToNothingIsCounted) {
  Served served{{always(broken_file(body, half)), broken_rest(1)}};
  EXPECT_EQ(served.fetch_within(3).outcome.state, UrlState::failed);
  EXPECT_EQ(served.requests().size(), 3u);
}

TEST(Continuation, OneAttemptIsOne) {
  Served served{{always(broken_file(body, half))}};
  EXPECT_EQ(served.fetch_within(1).outcome.state, UrlState::failed);
  EXPECT_EQ(served.requests().size(), 1u);
}

TEST(Continuation, AfterTheLastAttemptTheRecordSaysWhatBrokeOffAndItCanBeAskedForOnceMore) {
  Served served{{always(broken_file(body, half)), broken_rest(0), broken_rest(0),
                 [](const SeenRequest& request) { return serve(request, body, "\"v1\""); }}};
  ListJob job{served.server.url("/f")};
  job.spec.fetch.attempts = 2;
  MemoryStore store;
  const support::TempDir folder;
  CrawlRun run{job.spec, store, CrawlRun::Process{.folder = folder.path()}};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  const auto record = *store.record(served.server.url("/f"));
  EXPECT_EQ(record.outcome.state, UrlState::failed);
  EXPECT_EQ(record.outcome.error, Errc::body_truncated);
  EXPECT_EQ(record.outcome.bytes_body, half);
  CrawlRun once_more{job.spec, store,
                     CrawlRun::Process{.folder = folder.path(), .again = Again::failed}};
  EXPECT_EQ(once_more.wait().reason, StopReason::done);
  EXPECT_EQ(store.record(served.server.url("/f"))->outcome.digest, digest_of(body));
  EXPECT_EQ(served.requests().back().header("range"), fmt::format("bytes={}-", half));
  EXPECT_TRUE(store.parts().empty());
  EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "tmp"));
}

}  // namespace
}  // namespace trawl::crawl
