#include "service/cli/requeue.hpp"

#include "core/base/result.hpp"
#include "tests/service/cli/small_crawl.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace trawl::service::cli {
namespace {

using crawl::UrlState;
using testing::HasSubstr;

class RequeueTest : public testing::Test {
 protected:
  std::string run(FilterText filter) {
    TextOutput err;
    EXPECT_EQ(run_requeue({.folder = crawl_.folder(), .filter = std::move(filter)}, err),
              ExitCode::ok);
    return err.text;
  }
  Errc refusal(const std::string& folder, FilterText filter) {
    TextOutput err;
    try {
      run_requeue({.folder = folder, .filter = std::move(filter)}, err);
    } catch (const Failure& failure) {
      return failure.code();
    }
    ADD_FAILURE() << "no refusal";
    return {};
  }
  crawl::Record record(const std::string& url) {
    auto db = storage::open_for_reading(std::filesystem::path{crawl_.folder()} / "crawl.db");
    return *storage::find_record(db, url, "h");
  }
  void put(const std::string& url, crawl::Outcome outcome) {
    crawl_.end(crawl_.admit(url, "h"), std::move(outcome));
  }

  test::SmallCrawl crawl_;
};

TEST_F(RequeueTest, WhatPassesIsAskedForWholeByTheNextRun) {
  put("http://h/docs/a", test::SmallCrawl::fetched({.status = 200, .etag = "\"e\""}));
  put("http://h/docs/b", test::SmallCrawl::fetched({.status = 503}));
  put("http://h/c", test::SmallCrawl::fetched({.status = 200, .etag = "\"e\""}));
  EXPECT_THAT(run({.status = "200", .urls = {"*/docs/*"}}),
              HasSubstr(": 1 URL queued; the next run fetches what is queued\n"));
  EXPECT_EQ(record("http://h/docs/a").outcome.state, UrlState::queued);
  EXPECT_EQ(record("http://h/docs/a").outcome.etag, "");
  EXPECT_EQ(record("http://h/docs/a").outcome.status, 200);
  EXPECT_EQ(record("http://h/docs/b").outcome.state, UrlState::fetched);
  EXPECT_EQ(record("http://h/c").outcome.etag, "\"e\"");
}

TEST_F(RequeueTest, WhatCantBeFetchedAgainIsCounted) {
  crawl_.admit("http://h/queued", "h");
  crawl_.admit("http://h/excluded", "h", Errc::scope);
  put("http://h/failed", {.state = UrlState::failed, .error = Errc::reset});
  EXPECT_THAT(run({.host = "h"}),
              HasSubstr(": 1 URL queued; the next run fetches what is queued (2 "
                        "more are queued already, excluded, "));
  EXPECT_EQ(record("http://h/failed").outcome.state, UrlState::queued);
  EXPECT_EQ(record("http://h/excluded").outcome.state, UrlState::excluded);
}

TEST_F(RequeueTest, ManyAreQueuedInPieces) {
  crawl::StoreBatch batch;
  for (int i = 0; i < 25'000; ++i)
    batch.admitted.push_back({.url = "http://h/" + std::to_string(i), .host = "h"});
  const auto ids = crawl_.apply(batch);
  crawl::StoreBatch ends;
  for (const auto id : ids)
    ends.updates.push_back({.id = id, .outcome = test::SmallCrawl::fetched()});
  crawl_.apply(ends);
  EXPECT_THAT(run({.state = "fetched"}), HasSubstr(": 25,000 URLs queued;"));
  EXPECT_THAT(run({.state = "fetched"}), HasSubstr(": 0 URLs queued;"));
}

TEST_F(RequeueTest, WithoutAConditionOrACrawlNothingIsDone) {
  EXPECT_EQ(refusal(crawl_.folder(), {}), Errc::usage);
  EXPECT_EQ(refusal(crawl_.folder(), {.limit = 5}), Errc::usage);
  EXPECT_EQ(refusal(crawl_.folder(), {.status = "2"}), Errc::usage);
  EXPECT_EQ(refusal(crawl_.folder() + "/none", {.status = "200"}), Errc::not_found);
  EXPECT_FALSE(std::filesystem::exists(crawl_.folder() + "/none"));
}

}  // namespace
}  // namespace trawl::service::cli
