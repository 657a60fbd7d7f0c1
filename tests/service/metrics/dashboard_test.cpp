// The dashboard and the alerts ask only for what the page has.
#include "service/control/prometheus.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

namespace trawl::service {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream file{TRAWL_SOURCE_DIR "/" + path};
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::set<std::string> metrics_in(const std::string& text) {
  std::set<std::string> names;
  const std::regex name{"trawl_[a-z_]+"};
  for (std::sregex_iterator at{text.begin(), text.end(), name}, end; at != end; ++at)
    names.insert(at->str());
  return names;
}

// With every figure that there can be.
std::set<std::string> metrics_of_the_page() {
  const HistogramView histogram{{1}, {1, 1}, 2};
  JobView job{.name = "docs", .ended = Wall{}};
  job.progress = crawl::CrawlProgress{.run = {.errors = {{Errc::dns, 1}}}};
  const std::vector<JobView> jobs{job};
  MetricsView view{.jobs = jobs, .version = "1"};
  view.fetches.outcomes = {{"2xx", 1}};
  view.fetches.bytes = {{"received", 1}};
  view.fetches.duration_s = view.fetches.commit_s = histogram;
  view.fetches.phases_s = {{"dns", histogram}};
  view.memory_budget_bytes = view.disk_free_bytes = 1;
  return metrics_in(render_metrics(view));
}

void expect_known(const std::string& file) {
  const auto known = metrics_of_the_page();
  for (const std::string& name : metrics_in(text_of(file)))
    EXPECT_TRUE(known.contains(name)) << file << " asks for " << name;
}

TEST(MetricsFiles, AskOnlyForWhatThePageHas) {
  expect_known("docker/grafana/dashboards/trawl.json");
  expect_known("docker/prometheus/alerts.yml");
}

TEST(MetricsFiles, DashboardIsJsonWhosePanelsDontShareAnId) {
  const auto dashboard = boost::json::parse(text_of("docker/grafana/dashboards/trawl.json"));
  std::set<std::int64_t> ids;
  for (const auto& panel : dashboard.at("panels").as_array()) {
    EXPECT_TRUE(ids.insert(panel.at("id").as_int64()).second);
    EXPECT_FALSE(panel.at("targets").as_array().empty());
  }
}

TEST(MetricsFiles, DocumentNamesEveryMetric) {
  const auto documented = metrics_in(text_of("docs/operations.md"));
  for (std::string name : metrics_of_the_page()) {
    for (const std::string_view suffix : {"_bucket", "_sum", "_count"})
      if (name.ends_with(suffix)) name.resize(name.size() - suffix.size());
    EXPECT_TRUE(documented.contains(name)) << name;
  }
}

}  // namespace
}  // namespace trawl::service
