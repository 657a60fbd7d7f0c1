// kill -9 at random moments of a crawl of a real site, again and again on the same folder. Whatever
// was lost of a run is fetched again; nothing is recorded twice and nothing is missing.
//   TRAWL_KILLS=50 TRAWL_SEED=7 TRAWL_DELAY_MS=5 build/release/e2e_kill_tests
// A delay makes the crawl, and with it the runs between two kills, longer. tests/fault/kill_crawl
// does it many more times.
#include "tests/e2e/kills.hpp"
#include "tests/support/nginx.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <functional>
#include <random>
#include <utility>

namespace trawl::e2e {
namespace {

constexpr const char* site_root = "/usr/share/doc/python3.11/html";
constexpr int hosts = 120;
constexpr int pages_per_host = 12;

// The seed of this run, which a failure is repeated with.
std::mt19937_64 seeded() {
  const auto seed = setting("TRAWL_SEED", std::random_device{}());
  std::printf("TRAWL_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return std::mt19937_64{seed};
}

// crawl_into(folder): the command. Leaves one crawl alone, kills another, and compares.
template <class CrawlInto>
void expect_kills_cost_nothing(const CrawlInto& crawl_into, std::function<std::size_t()> requests) {
  const TempDir dir;
  auto random = seeded();
  const auto undisturbed = run_trawl(crawl_into(dir / "whole"));
  ASSERT_EQ(undisturbed.exit_code, 0) << undisturbed.err;
  const KillPlan plan{.crawl = crawl_into(dir / "killed"),
                      .folder = dir / "killed",
                      .requests = std::move(requests),
                      .kills = static_cast<int>(setting("TRAWL_KILLS", 8)),
                      .undisturbed = undisturbed.took};
  KillFigures figures;
  ASSERT_NO_FATAL_FAILURE(kill_again_and_again(plan, random, figures));
  const auto last = run_trawl(plan.crawl);
  ASSERT_EQ(last.exit_code, 0) << last.err;
  expect_nothing_lost(read_records(dir / "whole"), plan, figures);
  // How many fit into the crawl is the machine's speed; what they may cost is the same for all.
  EXPECT_GE(figures.kills, 1);
}

TEST(Kill, LosesAndDoublesNothing) {
  if (!support::Nginx::is_installed() || !std::filesystem::exists(site_root))
    GTEST_SKIP() << "needs nginx and the package python3-doc";
  const support::Nginx site{site_root};
  const auto crawl_into = [&](const std::filesystem::path& folder) {
    return Arguments{"crawl", site.url("/index.html")} +
           loopback(folder,
                    {"--set", fmt::format("politeness.delay={}ms", setting("TRAWL_DELAY_MS", 0))});
  };
  expect_kills_cost_nothing(crawl_into, [&site] { return site.accesses().size(); });
}

// A page of a host that leads to two others of it and to two other hosts; some are redirects, some
// are missing. All of it follows from the names.
class ManyHosts {
 public:
  ManyHosts() {
    server_.otherwise([](const SeenRequest& request) { return answer(request); });
    std::string names;
    for (int host = 0; host < hosts; ++host) names += fmt::format("127.0.0.1 h{}.example\n", host);
    hosts_file_ = dir_.write("hosts", names).string();
  }
  std::string seed() const { return fmt::format("http://h0.example:{}/p0", server_.port()); }
  const std::string& hosts_file() const { return hosts_file_; }
  std::size_t requests() const { return server_.count(); }

 private:
  static Reply answer(const SeenRequest& request) {
    int host = 0, number = 0;
    const std::string name{request.header("host")};
    const std::string port = name.substr(name.find(':') + 1);
    if (std::sscanf(name.c_str(), "h%d.", &host) != 1 ||
        std::sscanf(request.path.c_str(), "/p%d", &number) != 1)
      return Reply{.status = 404, .body = "none"};
    if (number % 7 == 6) return support::redirect_to(fmt::format("/p{}", number + 1));
    if (number % 11 == 10) return Reply{.status = 404, .body = name + request.path};
    std::vector<std::string> links;
    for (const int next : {2 * number + 1, 2 * number + 2})
      if (next < pages_per_host) links.push_back(fmt::format("/p{}", next));
    for (const int next : {host + 1, host * 2})
      links.push_back(fmt::format("http://h{}.example:{}/p0", next % hosts, port));
    auto body = page(name + request.path, links);
    body.append(static_cast<std::size_t>((host * 31 + number * 977) % 9000), 'x');
    return Reply{.body = std::move(body)};
  }

  TempDir dir_;
  std::string hosts_file_;
  LoopbackServer server_;
};

TEST(Kill, LosesAndDoublesNothingOfManyHosts) {
  const ManyHosts site;
  const auto crawl_into = [&](const std::filesystem::path& folder) {
    return Arguments{"crawl", site.seed(), "--scope", "any"} +
           loopback(folder, {"--set", "fetch.hosts_file=" + site.hosts_file()});
  };
  expect_kills_cost_nothing(crawl_into, [&site] { return site.requests(); });
}

}  // namespace
}  // namespace trawl::e2e
