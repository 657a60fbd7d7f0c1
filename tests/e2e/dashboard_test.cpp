// The dashboard as the program has it: what is embedded, and how it behaves in a browser.
#include "service/control/dashboard/assets.hpp"
#include "tests/e2e/daemon_process.hpp"
#include "tests/support/subprocess.hpp"
#include "tests/support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

namespace trawl::e2e {
namespace {

namespace fs = std::filesystem;
using namespace std::literals;
using service::control::dashboard_asset;
using service::control::dashboard_files;

const fs::path source_folder = TRAWL_SOURCE_DIR "/service/control/dashboard";
const fs::path node_modules = TRAWL_SOURCE_DIR "/build/node/node_modules";

std::string read_file(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

bool is_ours(std::string_view path) {
  return path != "/dashboard/chart.js" && path != "/dashboard/chart-license.txt";
}

// The paths that a file asks the browser for: relative to the page in HTML, to itself in a module.
std::set<std::string> asked_for(const service::control::DashboardFile& file) {
  static const std::regex modules{R"re(from '\./([^']+)')re"};
  static const std::regex attributes{R"re((?:src|href)="([^"#]+)")re"};
  const bool is_page = file.path.ends_with(".html");
  const std::string text{file.asset.body};
  std::set<std::string> paths;
  for (std::sregex_iterator at{text.begin(), text.end(), is_page ? attributes : modules}, end;
       at != end; ++at)
    paths.insert((is_page ? "/" : "/dashboard/") + (*at)[1].str());
  return paths;
}

}  // namespace

TEST(DashboardAssets, AreTheFilesOfTheirFolder) {
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator{source_folder}) {
    const auto extension = entry.path().extension();
    if (extension == ".cpp" || extension == ".hpp" || extension == ".txt") continue;
    ++files;
    const auto asset = dashboard_asset("/dashboard/" + entry.path().filename().string());
    ASSERT_TRUE(asset) << entry.path() << " is not in the list of its CMakeLists.txt";
    EXPECT_EQ(asset->body, read_file(entry.path())) << entry.path();
  }
  EXPECT_EQ(files + 2, dashboard_files().size());  // Chart.js and its licence are another's
  EXPECT_TRUE(
      std::ranges::is_sorted(dashboard_files(), {}, &service::control::DashboardFile::path));
}

TEST(DashboardAssets, HaveATypeAndATagOfTheirOwn) {
  EXPECT_EQ(dashboard_asset("/")->content_type, "text/html; charset=utf-8");
  EXPECT_EQ(dashboard_asset("/")->etag, dashboard_asset("/dashboard/index.html")->etag);
  EXPECT_EQ(dashboard_asset("/dashboard/app.js")->content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(dashboard_asset("/dashboard/app.css")->content_type, "text/css; charset=utf-8");
  EXPECT_EQ(dashboard_asset("/dashboard/icon.svg")->content_type, "image/svg+xml");
  std::set<std::string_view> tags;
  for (const auto& file : dashboard_files()) {
    EXPECT_THAT(std::string{file.asset.etag}, testing::MatchesRegex("\"[0-9a-f]+\""));
    tags.insert(file.asset.etag);
  }
  EXPECT_EQ(tags.size(), dashboard_files().size());
}

TEST(DashboardAssets, NothingElseIsThere) {
  for (const char* path : {"", "/x", "/dashboard", "/dashboard/", "/dashboard/assets.cpp",
                           "/dashboard/../dashboard/app.js", "//dashboard/app.js"})
    EXPECT_FALSE(dashboard_asset(path)) << path;
}

TEST(DashboardAssets, AskForNothingThatIsNotThere) {
  std::set<std::string> all;
  for (const auto& file : dashboard_files())
    if (is_ours(file.path)) all.merge(asked_for(file));
  EXPECT_GT(all.size(), 20U);
  for (const auto& path : all) EXPECT_TRUE(dashboard_asset(path)) << path;
}

// The policy forbids inline scripts and styles; nothing of a crawl is to become markup either.
TEST(DashboardAssets, HaveNothingInlineAndParseNoMarkup) {
  const std::regex inline_code{R"re(<style|<script>|\sstyle=|\son[a-z]+=)re"};
  const std::regex markup{
      R"(innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser)"};
  for (const auto& file : dashboard_files()) {
    if (!is_ours(file.path)) continue;
    const std::string text{file.asset.body};
    if (file.path.ends_with(".html")) EXPECT_FALSE(std::regex_search(text, inline_code));
    EXPECT_EQ(text.contains("srcdoc"), file.path == "/dashboard/record.js") << file.path;
    if (file.path != "/dashboard/dom.js")  // whose first comment names what it doesn't use
      EXPECT_FALSE(std::regex_search(text, markup)) << file.path;
  }
}

// A folder with the scripts and what they need; node finds modules beside them.
void prepare_browser(const support::TempDir& dir) {
  ASSERT_TRUE(fs::exists(node_modules / "playwright-core") && fs::exists(node_modules / "axe-core"))
      << "needs npm's playwright-core and axe-core, which ./dev test installs";
  ASSERT_TRUE(fs::exists("/usr/bin/chromium")) << "needs chromium, which ./dev test installs";
  for (const char* script : {"dashboard.mjs", "dashboard_mock.mjs", "dashboard_news.mjs",
                             "dashboard_page.mjs", "dashboard_real.mjs"})
    fs::copy_file(fs::path{TRAWL_SOURCE_DIR "/tests/e2e"} / script, dir / script);
  fs::create_directory_symlink(node_modules, dir / "node_modules");
}

TEST(Dashboard, WorksInAHeadlessBrowser) {
  const support::TempDir dir;
  ASSERT_NO_FATAL_FAILURE(prepare_browser(dir));
  for (const auto& file : dashboard_files())
    dir.write("assets" + std::string{file.path}, file.asset.body);
  const auto run = support::run({.args = {"node", "dashboard.mjs", "assets"},
                                 .cwd = dir.string(),
                                 .timeout = Millis{580'000}});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  RecordProperty("scenarios", run.out);
}

// The whole way: browser, API with its token and its policy, and a crawl of a site.
TEST(Dashboard, SteersTheRealDaemon) {
  LoopbackServer site;
  serve_site(site, 400);
  DaemonProcess daemon;
  daemon.dir.write("token", "open-sesame\n");
  fs::permissions(daemon.dir / "token", fs::perms::owner_read | fs::perms::owner_write);
  daemon.configure(fmt::format("token_file = \"{}\"\n", (daemon.dir / "token").string()));
  daemon.start();
  const support::TempDir dir;
  ASSERT_NO_FATAL_FAILURE(prepare_browser(dir));
  const auto run = support::run(
      {.args = {"node", "dashboard.mjs", "--server", daemon.server(), "--site", site.url()},
       .env = {{"TRAWL_TOKEN", "open-sesame"}},
       .cwd = dir.string(),
       .timeout = Millis{300'000}});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  for (const char* step : {"steered: running → paused", "steered: paused → running", "→ cancelled",
                           "watched: politeness.delay: "})
    EXPECT_THAT(daemon.process->err(), testing::HasSubstr(step));
  EXPECT_FALSE(fs::exists(daemon.output("steered")));  // deleted with its data
  EXPECT_FALSE(fs::exists(daemon.output("watched")));
  EXPECT_EQ(daemon.stop(), 0);
}

}  // namespace trawl::e2e
