#include "service/cli/runs.hpp"

#include "tests/service/cli/small_crawl.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trawl::service::cli {
namespace {

using crawl::RunRecord;
using testing::AllOf;
using testing::HasSubstr;

const RunRecord ended{.began_ms = 1'700'000'000'000,
                      .ended_ms = 1'700'000'063'000,
                      .mode = "crawl",
                      .end = "limit",
                      .detail = "limits.pages = 1234",
                      .fetched = 1234,
                      .failed = 5,
                      .excluded = 6,
                      .queued = 7,
                      .bytes_wire = 2'000'000};
const RunRecord begun{.began_ms = 1'700'000'100'000, .mode = "fetch"};

TEST(Runs, ATableHasALineForEach) {
  const std::string text = runs_text({ended, begun});
  EXPECT_THAT(text, AllOf(testing::StartsWith("BEGAN "), HasSubstr("\n2023-11-14T22:13:20.000Z"),
                          HasSubstr(" 1,234 "), HasSubstr(" 2.0 MB  limits.pages = 1234\n"),
                          testing::EndsWith("  -\n")));
}

TEST(Runs, WhatARunThatHasNoEndDidIsNull) {
  const std::string text = runs_jsonl({ended, begun});
  const auto end = text.find('\n');
  const auto first = boost::json::parse(text.substr(0, end)).as_object();
  const auto second = boost::json::parse(text.substr(end + 1)).as_object();
  EXPECT_EQ(first.at("began"), "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(first.at("end"), "limit");
  EXPECT_EQ(first.at("fetched"), 1234);
  EXPECT_EQ(first.at("bytes_wire"), 2'000'000);
  EXPECT_EQ(second.at("mode"), "fetch");
  for (const char* name : {"ended", "end", "detail", "fetched", "queued", "bytes_wire"})
    EXPECT_TRUE(second.at(name).is_null()) << name;
}

TEST(Runs, TheLastOnesOfAFolderAreListed) {
  test::SmallCrawl crawl;
  for (int i = 1; i <= 3; ++i) crawl.apply({.run = RunRecord{.began_ms = i, .mode = "crawl"}});
  TextOutput out;
  run_runs({.folder = crawl.folder(), .format = "jsonl", .last = 2}, out);
  EXPECT_EQ(std::ranges::count(out.text, '\n'), 2);
  EXPECT_THAT(out.text, HasSubstr("1970-01-01T00:00:00.003Z"));
}

}  // namespace
}  // namespace trawl::service::cli
