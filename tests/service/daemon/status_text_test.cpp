#include "core/base/result.hpp"
#include "service/cli/server_client.hpp"
#include "service/cli/status.hpp"
#include "service/daemon/job_events.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trawl::service {
namespace {

using testing::HasSubstr;

TEST(StatusText, JobsAreATable) {
  const auto table = cli::jobs_table(
      R"({"jobs":[{"name":"docs","state":"running","totals":{"fetched":1234,"queued":5,)"
      R"("failed":0},"rates":{"pages_per_s":12.34,"bytes_per_s":2500000}},)"
      R"({"name":"b","state":"waiting","next_run_at":"2026-01-01T00:00:00.000Z"}]})");
  EXPECT_THAT(table, HasSubstr("JOB   STATE    FETCHED  QUEUED  FAILED  PAGES/S  MB/S  NOTE\n"));
  EXPECT_THAT(table, HasSubstr("docs  running    1,234       5       0     12.3   2.5\n"));
  EXPECT_THAT(table, HasSubstr("next 2026-01-01T00:00:00.000Z\n"));
}

TEST(StatusText, AJobThatWaitsForDiskSaysSo) {
  const std::string job =
      R"({"name":"a","state":"running","detail":"","progress":{"paused":true}})";
  EXPECT_THAT(cli::job_details(job), HasSubstr("running (waits for free disk space)\n"));
  EXPECT_THAT(cli::jobs_table(R"({"jobs":[)" + job + "]}"),
              HasSubstr("waits for free disk space\n"));
}

TEST(StatusText, ErrorsOfAJobHaveTheirPlaceAndKey) {
  const auto job = cli::job_details(
      R"({"name":"a","state":"invalid","errors":[{"file":"jobs/a.toml","line":3,"column":1,)"
      R"("key":"seeds.foo","message":"unknown key"}]})");
  EXPECT_THAT(job, HasSubstr("jobs/a.toml:3:1: key seeds.foo: unknown key\n"));
}

TEST(StatusText, AnEmptyListIsKnown) {
  EXPECT_FALSE(cli::has_jobs(R"({"jobs":[]})"));
  EXPECT_TRUE(cli::has_jobs(R"({"jobs":[{"name":"a"}]})"));
}

TEST(StatusText, AnyAnswerIsShownSafely) {
  for (const char* json : {"", "[]", "{\"jobs\":1}", "{\"jobs\":[1,null,{}]}"}) {
    cli::jobs_table(json);
    cli::job_details(json);
    cli::event_line("state", json);
  }
  EXPECT_EQ(cli::event_line("state", R"({"job":"a\u001b[2J","state":"running"})"),
            "a\\x1b[2J: running\n");
}

TEST(StatusText, EventsAreLines) {
  JobView job{.name = "a", .state = JobState::limited, .detail = "limits.pages = 5"};
  EXPECT_EQ(cli::event_line("state", state_data(job)), "a: limited (limits.pages = 5)\n");
  const crawl::HostEvent event{.host = "h.example",
                               .state = crawl::HostMood::left_alone,
                               .until = Wall{Millis{0}},
                               .why = "5 failures"};
  EXPECT_EQ(cli::event_line("host", host_data("a", event)),
            "a: host h.example is left_alone until 1970-01-01T00:00:00.000Z: 5 failures\n");
  EXPECT_EQ(cli::event_line("progress", progress_data(job)), "");
}

TEST(StatusText, EventsThatWereLostAreSaid) {
  EXPECT_EQ(cli::event_line("lagged", R"({"dropped":1200})"),
            "1,200 events were lost, since they came faster than they were read\n");
}

TEST(ServerClient, AServerMayBeNamedAsListenHasIt) {
  EXPECT_EQ(cli::server_url("127.0.0.1:18477"), "http://127.0.0.1:18477");
  EXPECT_EQ(cli::server_url("[::1]:80"), "http://[::1]:80");
  EXPECT_EQ(cli::server_url("crawler"), "http://crawler:8090");
  EXPECT_EQ(cli::server_url("http://crawler"), "http://crawler");
  EXPECT_EQ(cli::ServerClient("localhost:1", "").server(), "http://localhost:1");
  EXPECT_THROW((cli::ServerClient{"https://localhost:1", ""}), Failure);
  EXPECT_THROW((cli::ServerClient{"ftp://localhost", ""}), Failure);
  EXPECT_THROW((cli::ServerClient{"a b", ""}), Failure);
}

TEST(ServerClient, NamesAreEncoded) {
  EXPECT_EQ(cli::encode_segment("a/b c?é"), "a%2Fb%20c%3F%C3%A9");
}

}  // namespace
}  // namespace trawl::service
