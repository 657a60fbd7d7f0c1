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

// What Grafana's dashboard schema (schemaVersion 36 and later) asks of a file that is provisioned:
// every reference to a data source by type and uid, every panel with a kind, a place and queries
// that have names of their own. Grafana itself is no package of Debian's, so it is not asked.
std::set<std::string> uids_of_data_sources() {
  const std::string text = text_of("docker/grafana/provisioning/datasources/prometheus.yml");
  std::set<std::string> uids;
  const std::regex line{"uid: ([a-z-]+)"};
  for (std::sregex_iterator at{text.begin(), text.end(), line}, end; at != end; ++at)
    uids.insert((*at)[1]);
  return uids;
}

void expect_data_source(const boost::json::value& user, const std::string& where) {
  static const auto known = uids_of_data_sources();
  const auto& source = user.at("datasource");
  EXPECT_EQ(source.at("type"), "prometheus") << where;
  EXPECT_TRUE(known.contains(source.at("uid").as_string().c_str())) << where;
}

void expect_panel(const boost::json::value& panel) {
  const std::string title = panel.at("title").as_string().c_str();
  EXPECT_FALSE(title.empty());
  const std::set<std::string> kinds{"stat",    "timeseries", "table",    "bargauge",
                                    "heatmap", "gauge",      "piechart", "state-timeline"};
  EXPECT_TRUE(kinds.contains(panel.at("type").as_string().c_str())) << title;
  const auto place = [&](const char* name) { return panel.at("gridPos").at(name).as_int64(); };
  EXPECT_GE(place("x"), 0) << title;
  EXPECT_GT(place("w"), 0) << title;
  EXPECT_LE(place("x") + place("w"), 24) << title << ": the grid has 24 columns";
  EXPECT_GT(place("h"), 0) << title;
  EXPECT_GE(place("y"), 0) << title;
  EXPECT_TRUE(panel.at("fieldConfig").at("defaults").is_object()) << title;
  EXPECT_TRUE(panel.at("fieldConfig").at("overrides").is_array()) << title;
  EXPECT_TRUE(panel.at("options").is_object()) << title;
  expect_data_source(panel, title);
  std::set<std::string> names;
  for (const auto& target : panel.at("targets").as_array()) {
    EXPECT_TRUE(names.insert(target.at("refId").as_string().c_str()).second) << title;
    EXPECT_FALSE(target.at("expr").as_string().empty()) << title;
    expect_data_source(target, title);
  }
}

TEST(MetricsFiles, DashboardHasTheShapeThatGrafanaReads) {
  const auto dashboard = boost::json::parse(text_of("docker/grafana/dashboards/trawl.json"));
  EXPECT_FALSE(dashboard.at("title").as_string().empty());
  EXPECT_FALSE(dashboard.at("uid").as_string().empty());
  EXPECT_LE(dashboard.at("uid").as_string().size(), 40U);
  EXPECT_GE(dashboard.at("schemaVersion").as_int64(), 36);
  EXPECT_FALSE(dashboard.as_object().contains("__inputs"))
      << "nobody is asked when it is provisioned";
  EXPECT_TRUE(dashboard.at("time").at("from").is_string());
  EXPECT_TRUE(dashboard.at("time").at("to").is_string());
  std::set<std::string> variables;
  for (const auto& variable : dashboard.at("templating").at("list").as_array()) {
    const std::string name = variable.at("name").as_string().c_str();
    EXPECT_TRUE(variables.insert(name).second) << name;
    EXPECT_EQ(variable.at("type"), "query") << name;
    EXPECT_FALSE(variable.at("query").at("query").as_string().empty()) << name;
    expect_data_source(variable, name);
  }
  for (const auto& panel : dashboard.at("panels").as_array()) expect_panel(panel);
  // What the queries refer to is there.
  const std::string text = text_of("docker/grafana/dashboards/trawl.json");
  const std::regex reference{R"(\$([a-z]+))"};
  for (std::sregex_iterator at{text.begin(), text.end(), reference}, end; at != end; ++at)
    EXPECT_TRUE(variables.contains((*at)[1])) << at->str();
}

TEST(MetricsFiles, PanelsDontLieOverEachOther) {
  const auto dashboard = boost::json::parse(text_of("docker/grafana/dashboards/trawl.json"));
  std::set<std::pair<std::int64_t, std::int64_t>> taken;
  for (const auto& panel : dashboard.at("panels").as_array()) {
    const auto place = [&](const char* name) { return panel.at("gridPos").at(name).as_int64(); };
    for (std::int64_t x = place("x"); x < place("x") + place("w"); ++x)
      for (std::int64_t y = place("y"); y < place("y") + place("h"); ++y)
        EXPECT_TRUE(taken.emplace(x, y).second) << panel.at("title") << " at " << x << ", " << y;
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
