// An index that is kept by `trawl changes --cursor`, while runs change the crawl and are killed.
#include "tests/e2e/program.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <atomic>
#include <csignal>
#include <map>
#include <sstream>
#include <thread>

namespace trawl::e2e {
namespace {

namespace json = boost::json;

constexpr int pages_count = 150;

class Feed : public testing::Test {
 protected:
  // Each round some pages are others, gone, or not to be indexed; some come back.
  void SetUp() override {
    std::vector<std::string> links;
    for (int i = 0; i < pages_count; ++i) links.push_back(fmt::format("/p{}", i));
    server_.on("/", Reply{.body = page("start", links)});
    server_.otherwise([this](const SeenRequest& request) {
      const int round = round_;
      const int number = std::atoi(request.path.substr(2).c_str());
      if (number % 7 == round % 7) return Reply{.status = 404, .body = "gone"};
      Reply reply{.body = fmt::format("page {}", number % 5 == 0 ? number * 1000 + round : number)};
      reply.delay = Millis{10};
      if (number % 11 == round % 11) reply.headers.emplace_back("X-Robots-Tag", "noindex");
      if (number % 2 == 0) reply.headers.emplace_back("ETag", fmt::format("\"{}\"", reply.body));
      return reply;
    });
  }

  // What a reader does with each line.
  void poll() {
    const auto changes = run_trawl(
        {"changes", folder_.string(), "--cursor", (dir_ / "cursor").string(), "--format", "jsonl"});
    ASSERT_EQ(changes.exit_code, 0) << changes.err;
    std::istringstream lines{changes.out};
    for (std::string line; std::getline(lines, line);) {
      const auto change = json::parse(line).as_object();
      const std::string url{change.at("url").as_string()};
      if (change.at("op") == "upsert")
        index_[url] = std::string{change.at("digest").as_string()};
      else
        index_.erase(url);
    }
  }

  std::map<std::string, std::string> live() {
    std::map<std::string, std::string> pages;
    std::istringstream lines{run_trawl({"results", folder_.string(), "--live"}).out};
    for (std::string line; std::getline(lines, line);) {
      const auto record = json::parse(line).as_object();
      pages[std::string{record.at("url").as_string()}] = record.at("digest").as_string();
    }
    return pages;
  }

  TempDir dir_;
  const std::filesystem::path folder_ = dir_ / "out";
  std::atomic<int> round_ = 0;
  LoopbackServer server_;
  std::map<std::string, std::string> index_;  // digests by URL
};

TEST_F(Feed, AnIndexThatFollowsItHasWhatIsLive) {
  int kills = 0;
  for (; round_ < 8; ++round_) {
    Arguments crawl =
        Arguments{"crawl", server_.url("/")} + loopback(folder_, {"--concurrency", "4"});
    if (round_ > 0) crawl.emplace_back("--again");
    if (round_ % 3 == 1) crawl = crawl + Arguments{"--exclude", "*/p1?"};
    Subprocess run{trawl(crawl)};
    std::this_thread::sleep_for(Millis{60});
    for (int polls = 0; polls < 3; ++polls)
      if (std::filesystem::exists(folder_ / "crawl.db")) poll();
    if (round_ % 2 == 1) run.send_signal(SIGKILL);
    kills += run.wait().signal == SIGKILL ? 1 : 0;
    poll();
    EXPECT_EQ(index_, live()) << "round " << round_;
  }
  EXPECT_GE(kills, 1);
  EXPECT_GT(index_.size(), 50U);
  const auto forgotten = run_trawl({"forget", folder_.string(), "--url", "*/p2?"});
  ASSERT_EQ(forgotten.exit_code, 0) << forgotten.err;
  poll();
  EXPECT_EQ(index_, live());
  EXPECT_FALSE(index_.contains(server_.url("/p20")) || index_.contains(server_.url("/p23")));
}

}  // namespace
}  // namespace trawl::e2e
