// kill -9 at random moments of a crawl of a real site, again and again on the same folder. Whatever
// was lost of a run is fetched again; nothing is recorded twice and nothing is missing.
//   TRAWL_KILLS=50 TRAWL_SEED=7 TRAWL_DELAY_MS=5 build/release/e2e_kill_tests
// A delay makes the crawl, and with it the runs between two kills, longer.
#include "tests/e2e/program.hpp"
#include "tests/support/nginx.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>

namespace trawl::e2e {
namespace {

using crawl::UrlState;

constexpr const char* site_root = "/usr/share/doc/python3.11/html";
constexpr int runs_per_kill_max = 4;  // a run may be over before its kill

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

struct Figures {
  int kills = 0;
  int runs = 0;
  Millis recovery_max{0};  // from the start of a run after a kill to its first request
};

// When the run's first request was answered, counted from now.
std::optional<Millis> first_request(const support::Nginx& site, const Subprocess& run,
                                    std::size_t before, Millis within) {
  const auto begun = system_clock().now();
  while (run.is_running() && system_clock().now() - begun < within) {
    if (site.accesses().size() > before)
      return std::chrono::ceil<Millis>(system_clock().now() - begun);
    std::this_thread::sleep_for(Millis{2});
  }
  return std::nullopt;
}

void kill_again_and_again(const support::Nginx& site, const Arguments& crawl, int kills,
                          Millis undisturbed, std::mt19937_64& random, Figures& figures) {
  // So that the whole crawl is spread over the kills, and the first ones hit its start.
  std::uniform_int_distribution<std::int64_t> moment(
      5, std::max<std::int64_t>(20, 3 * undisturbed.count() / (2 * kills)));
  while (figures.kills < kills && figures.runs < kills * runs_per_kill_max) {
    const Millis life{moment(random)};
    const auto before = site.accesses().size();
    Subprocess run{trawl(crawl)};
    const auto begun = system_clock().now();
    ++figures.runs;
    const auto first = first_request(site, run, before, life);
    if (first && figures.kills > 0) figures.recovery_max = std::max(figures.recovery_max, *first);
    std::this_thread::sleep_until(begun + life);
    run.send_signal(SIGKILL);
    const auto& end = run.wait();
    if (end.signal == SIGKILL) {
      ++figures.kills;
    } else {
      ASSERT_EQ(end.exit_code, 0) << end.err;
      if (count(read_records(crawl[3]), UrlState::queued) == 0) return;
    }
  }
}

TEST(Kill, LosesAndDoublesNothing) {
  if (!support::Nginx::is_installed() || !std::filesystem::exists(site_root))
    GTEST_SKIP() << "needs nginx and the package python3-doc";
  const auto kills = static_cast<int>(setting("TRAWL_KILLS", 8));
  const auto seed = setting("TRAWL_SEED", std::random_device{}());
  std::printf("TRAWL_KILLS=%d TRAWL_SEED=%llu\n", kills, static_cast<unsigned long long>(seed));
  std::mt19937_64 random{seed};
  const support::Nginx site{site_root};
  const TempDir dir;
  const Arguments start{"crawl", site.url("/index.html"), "-o"};
  const auto crawl_into = [&](const std::string& name) {
    return start + Arguments{(dir / name).string()} + [&] {
      auto rest = loopback(dir / name);
      return Arguments{rest.begin() + 2, rest.end()} +
             Arguments{"--set", fmt::format("politeness.delay={}ms", setting("TRAWL_DELAY_MS", 0))};
    }();
  };
  const auto undisturbed = run_trawl(crawl_into("whole"));
  ASSERT_EQ(undisturbed.exit_code, 0) << undisturbed.err;
  const auto expected = read_records(dir / "whole");

  Figures figures;
  ASSERT_NO_FATAL_FAILURE(
      kill_again_and_again(site, crawl_into("killed"), kills, undisturbed.took, random, figures));
  const auto last = run_trawl(crawl_into("killed"));
  ASSERT_EQ(last.exit_code, 0) << last.err;

  const auto records = read_records(dir / "killed");
  std::size_t lost = 0;
  for (const auto& [url, record] : expected) {
    const auto found = records.find(url);
    const bool same = found != records.end() &&
                      found->second.outcome.state == record.outcome.state &&
                      found->second.outcome.digest == record.outcome.digest;
    lost += same ? 0 : 1;
    EXPECT_TRUE(same) << url;
  }
  EXPECT_EQ(records.size(), expected.size());
  EXPECT_EQ(count(records, UrlState::queued), 0U);
  const auto archived = expect_sound(dir / "killed");
  EXPECT_EQ(archived, count(records, UrlState::fetched));
  std::printf(
      "undisturbed %lld ms, %d runs, %d killed, %zu URLs, %zu archived, %zu lost, longest "
      "recovery %lld ms\n",
      static_cast<long long>(undisturbed.took.count()), figures.runs, figures.kills, records.size(),
      archived, lost, static_cast<long long>(figures.recovery_max.count()));
  // How many fit into the crawl is the machine's speed; what they may cost is the same for all.
  EXPECT_GE(figures.kills, 1);
}

}  // namespace
}  // namespace trawl::e2e
