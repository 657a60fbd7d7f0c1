// The page against the names that dashboards and alerts rely on, and against promtool's reading.
#include "service/control/prometheus.hpp"

#include "service/control/metrics_page.hpp"
#include "tests/support/subprocess.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>
#include <string>

namespace trawl::service {
namespace {

using testing::HasSubstr;
using testing::Not;

JobView job_named(std::string name, JobState state = JobState::waiting) {
  JobView job{.name = std::move(name), .state = state, .runs = 1};
  job.totals = {.queued = 7, .fetched = 5, .failed = 2, .excluded = 1};
  return job;
}

JobView running(std::string name) {
  JobView job = job_named(std::move(name), JobState::running);
  job.progress = crawl::CrawlProgress{.run = {.errors = {{Errc::dns_timeout, 2}}},
                                      .in_flight = 3,
                                      .hosts_ready = 4,
                                      .hosts_waiting = 6,
                                      .hosts_backing_off = 2,
                                      .loop_lag_p99 = Millis{250}};
  return job;
}

FetchFigures some_fetches() {
  const HistogramView some{{0.1, 1}, {3, 2, 1}, 4.5};
  return {.outcomes = {{"2xx", 40}, {"failed", 2}},
          .bytes = {{"received", 123456}, {"sent", 100}},
          .duration_s = some,
          .phases_s = {{"connect", some}, {"dns", some}},
          .commit_s = some};
}

MetricsView view_of(const std::vector<JobView>& jobs) {
  return {.jobs = jobs,
          .fetches = some_fetches(),
          .process = {.resident_bytes = 1 << 20, .open_fds = 12, .max_fds = 1024},
          .version = "1.2.3",
          .memory_budget_bytes = 512 << 20,
          .disk_free_bytes = 77};
}

std::set<std::string> values_of_label(const std::string& page, const std::string& name) {
  std::set<std::string> values;
  const std::regex label{name + "=\"([^\"]*)\""};
  for (std::sregex_iterator at{page.begin(), page.end(), label}, end; at != end; ++at)
    values.insert((*at)[1]);
  return values;
}

TEST(Prometheus, PageHasThePromisedNames) {
  const std::vector<JobView> jobs{running("docs")};
  const std::string page = render_metrics(view_of(jobs));
  for (const char* line : {
           "trawl_build_info{version=\"1.2.3\"} 1\n",
           "# TYPE trawl_fetches_total counter\n",
           "trawl_fetches_total{outcome=\"2xx\"} 40\n",
           "trawl_fetches_total{outcome=\"failed\"} 2\n",
           "trawl_run_errors{code=\"dns_timeout\"} 2\n",
           "# TYPE trawl_fetch_duration_seconds histogram\n",
           "trawl_fetch_phase_seconds_bucket{phase=\"dns\",le=\"0.1\"} 3\n",
           "trawl_bytes_total{direction=\"received\"} 123456\n",
           "trawl_queue_urls{job=\"docs\",state=\"queued\"} 7\n",
           "trawl_hosts{job=\"docs\",state=\"ready\"} 4\n",
           "trawl_hosts{job=\"docs\",state=\"waiting\"} 6\n",
           "trawl_hosts{job=\"docs\",state=\"backing_off\"} 2\n",
           "trawl_store_commit_seconds_count 6\n",
           "trawl_loop_lag_seconds 0.25\n",
           "trawl_resident_bytes 1048576\n",
           "trawl_open_fds 12\n",
           "trawl_memory_budget_bytes 536870912\n",
           "trawl_disk_free_bytes 77\n",
           "trawl_job_state{job=\"docs\",state=\"running\"} 1\n",
           "trawl_jobs{state=\"running\"} 1\n",
       })
    EXPECT_THAT(page, HasSubstr(line));
}

TEST(Prometheus, BucketsOfAHistogramAreCumulative) {
  const std::string page = render_metrics(view_of({}));
  EXPECT_THAT(page, HasSubstr("trawl_fetch_duration_seconds_count 6\n"
                              "trawl_fetch_duration_seconds_sum 4.5\n"
                              "trawl_fetch_duration_seconds_bucket{le=\"0.1\"} 3\n"
                              "trawl_fetch_duration_seconds_bucket{le=\"1\"} 5\n"
                              "trawl_fetch_duration_seconds_bucket{le=\"+Inf\"} 6\n"));
}

// Counters never go down, also when a job is removed.
TEST(Prometheus, WhatRemovedJobsHadFetchedStaysCounted) {
  crawl::CrawlMetrics metrics;
  metrics.fetches[static_cast<std::size_t>(crawl::FetchOutcome::status_2xx)] = 30;
  metrics.bytes_received = 1000;
  const Figures both{.jobs = {{.job = job_named("a"), .metrics = metrics}}, .removed = metrics};
  const std::string page = metrics_page(both, "/");
  EXPECT_THAT(page, HasSubstr("trawl_fetches_total{outcome=\"2xx\"} 60\n"));
  EXPECT_THAT(page, HasSubstr("trawl_bytes_total{direction=\"received\"} 2000\n"));
}

TEST(Prometheus, LargeFiguresKeepTheirDigits) {
  MetricsView view = view_of({});
  view.fetches.bytes = {{"received", (UINT64_C(1) << 53) - 1}};
  EXPECT_THAT(render_metrics(view),
              HasSubstr("trawl_bytes_total{direction=\"received\"} 9007199254740991\n"));
}

TEST(Prometheus, JobsBeyondTheBoundShareOneLabelAndRunningOnesComeFirst) {
  std::vector<JobView> jobs;
  for (std::size_t i = 0; i < metric_jobs_max + 50; ++i)
    jobs.push_back(job_named(fmt::format("job-{:04}", i)));
  jobs.push_back(running("zz-running"));
  const std::string page = render_metrics(view_of(jobs));
  const auto names = values_of_label(page, "job");
  EXPECT_EQ(names.size(), metric_jobs_max + 1);
  EXPECT_TRUE(names.contains("zz-running"));
  EXPECT_FALSE(names.contains("job-0120"));
  EXPECT_THAT(page, HasSubstr("trawl_queue_urls{job=\"(other)\",state=\"queued\"} 357\n"));
  EXPECT_THAT(page,
              HasSubstr(fmt::format("trawl_jobs{{state=\"waiting\"}} {}\n", metric_jobs_max + 50)));
}

TEST(Prometheus, LabelsHaveNeitherHostsNorUrls) {
  const std::vector<JobView> jobs{running("docs")};
  const std::string page = render_metrics(view_of(jobs));
  std::set<std::string> names;
  const std::regex label{"[{,]([a-z]+)=\""};
  for (std::sregex_iterator at{page.begin(), page.end(), label}, end; at != end; ++at)
    names.insert((*at)[1]);
  EXPECT_EQ(names, (std::set<std::string>{"code", "direction", "job", "le", "outcome", "phase",
                                          "state", "version"}));
}

TEST(Prometheus, TextInALabelIsEscaped) {
  const std::vector<JobView> jobs{running("a\"b\\c\nd")};
  EXPECT_THAT(render_metrics(view_of(jobs)), HasSubstr(R"({job="a\"b\\c\nd",state="queued"})"));
}

TEST(Prometheus, WithoutAFigureItsLineIsMissing) {
  MetricsView view = view_of({});
  view.disk_free_bytes.reset();
  view.fetches.outcomes.clear();
  const std::string page = render_metrics(view);
  EXPECT_THAT(page, Not(HasSubstr("trawl_disk_free_bytes")));
  EXPECT_THAT(page, Not(HasSubstr("trawl_fetches_total")));
  EXPECT_THAT(page, Not(HasSubstr("trawl_queue_urls")));
}

TEST(Prometheus, PromtoolFindsNothingToSayAboutThePage) {
  const std::vector<JobView> jobs{running("docs"), job_named("lists", JobState::failed)};
  const auto checked = support::run(
      {.args = {"promtool", "check", "metrics"}, .input = render_metrics(view_of(jobs))});
  EXPECT_EQ(checked.exit_code, 0);
  EXPECT_EQ(checked.err, "");
}

support::Finished promtool(const std::string& what, const std::string& file) {
  return support::run({.args = {"promtool", what == "test" ? "test" : "check", "rules", file},
                       .cwd = TRAWL_SOURCE_DIR "/docker/prometheus"});
}

TEST(Alerts, PromtoolTakesTheRules) {
  const auto checked = promtool("check", "alerts.yml");
  EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
}

TEST(Alerts, EachFiresWhenItShouldAndNotBefore) {
  const auto tested = promtool("test", "alerts_test.yml");
  EXPECT_EQ(tested.exit_code, 0) << tested.out << tested.err;
}

TEST(ProcessFigures, AreThoseOfThisProcess) {
  const ProcessFigures figures = read_process_figures();
  EXPECT_GT(figures.resident_bytes, 1U << 20);
  EXPECT_GE(figures.open_fds, 3U);
  EXPECT_GE(figures.max_fds, figures.open_fds);
  EXPECT_GE(figures.threads, 1U);
  const double now = static_cast<double>(std::chrono::duration_cast<std::chrono::seconds>(
                                             std::chrono::system_clock::now().time_since_epoch())
                                             .count());
  EXPECT_NEAR(figures.started_unix_s, now, 120);
}

}  // namespace
}  // namespace trawl::service
