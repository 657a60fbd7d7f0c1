#include "tests/config/support.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace trawl::config {
namespace {

using crawl::RecrawlInterval;
using std::chrono::days;
using std::chrono::hours;
using testing::HasSubstr;

std::optional<RecrawlInterval> interval(std::string_view toml) {
  const auto job = load(toml);
  EXPECT_TRUE(job) << message(job);
  return job ? crawl::recrawl_interval(job->spec.recrawl) : std::nullopt;
}

}  // namespace

TEST(RecrawlKeys, SayOneTimeOrTwo) {
  EXPECT_EQ(interval(""), std::nullopt);
  EXPECT_EQ(interval("recrawl.every = 'off'"), std::nullopt);
  EXPECT_EQ(interval("recrawl.every = '7d'"), (RecrawlInterval{days{7}, days{7}}));
  EXPECT_EQ(interval("recrawl.every = { min = '1h', max = '30d' }"),
            (RecrawlInterval{hours{1}, days{30}}));
  EXPECT_EQ(interval("[recrawl]\nmin = '1h'\nmax = '30d'"), (RecrawlInterval{hours{1}, days{30}}));
}

TEST(RecrawlKeys, RefuseWhatMakesNoSense) {
  for (const char* value : {"'100ms'", "0", "7", "'1h..2h'", "[]"})
    EXPECT_THAT(message(load(fmt::format("recrawl.every = {}", value))),
                HasSubstr("key recrawl.every: expected a duration"))
        << value;
  EXPECT_THAT(message(load("recrawl.min = '1h'")), HasSubstr("key recrawl.min: needs recrawl.max"));
  EXPECT_THAT(message(load("recrawl.max = '1h'")), HasSubstr("key recrawl.max: needs recrawl.min"));
  EXPECT_THAT(message(load("recrawl.min = '2h'\nrecrawl.max = '1h'")),
              HasSubstr("key recrawl.min: is longer than recrawl.max"));
  EXPECT_THAT(message(load("recrawl.every = '1h'\nrecrawl.min = '1h'\nrecrawl.max = '2h'")),
              HasSubstr("leave one out"));
}

TEST(RecrawlKeys, SayWhatIsWrongInATable) {
  const auto wrong = [](const char* table) {
    return message(load(fmt::format("recrawl.every = {}", table)));
  };
  EXPECT_EQ(wrong("{ min = '2h', max = '1h' }"),
            "docs.toml:2:25: key recrawl.every.min: is longer than max: \"2h\", and max is \"1h\"");
  EXPECT_THAT(
      wrong("{ min = '2h' }"),
      HasSubstr("docs.toml:2:17: key recrawl.every: the table lacks `max`: expected { min"));
  EXPECT_THAT(wrong("{ max = '2h' }"), HasSubstr("the table lacks `min`"));
  EXPECT_THAT(
      wrong("{ min = '1h', max = '2h', more = 1 }"),
      HasSubstr("docs.toml:2:43: key recrawl.every.more: unknown key; the table has `min`"));
  EXPECT_THAT(
      wrong("{ min = 5, max = '2h' }"),
      HasSubstr("key recrawl.every.min: expected a duration like \"2s\" of at least \"1s\", "
                "found 5 (integer)"));
  EXPECT_THAT(message(load_with({{.key = "recrawl.every", .value = "{min='2h',max='1h'}"}})),
              HasSubstr("--set: key recrawl.every.min: is longer than max"));
}

TEST(RecrawlKeys, ArePrintedAsTheyAreRead) {
  for (const char* value : {"\"7d\"", "{ min = \"1h\", max = \"30d\" }", "\"off\""}) {
    const auto job = load(fmt::format("recrawl.every = {}", value));
    ASSERT_TRUE(job);
    EXPECT_THAT(print_job(*job), HasSubstr(fmt::format("every = {}", value)));
  }
}

}  // namespace trawl::config
