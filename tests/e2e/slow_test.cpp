// Very many slow transfers at once, and a quick host beside them. The whole of it, by hand:
//   TRAWL_SLOW=10000 TRAWL_SLOW_SECONDS=30 build/release/e2e_stream_tests --gtest_filter='Slow*'
#include "tests/e2e/program.hpp"
#include "tests/support/drip_server.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>

namespace trawl::e2e {
namespace {

constexpr int fast_urls = 200;
constexpr int slow_per_host = 50;

int setting(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

void allow_descriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// "… at most 7 ms late 99 times of 100"
Millis loop_lag(std::string_view log) {
  constexpr std::string_view before = "the loops were at most ";
  const auto at = log.find(before);
  std::int64_t ms = -1;
  if (at != log.npos) std::from_chars(log.data() + at + before.size(), log.data() + log.size(), ms);
  return Millis{ms};
}

std::vector<std::int64_t> times_of(const Records& records, std::string_view part) {
  std::vector<std::int64_t> times;
  for (const auto& [url, record] : records)
    if (url.contains(part) && record.outcome.total_ms) times.push_back(*record.outcome.total_ms);
  std::ranges::sort(times);
  return times;
}

TEST(Slow, ManySlowTransfersHoldUpNeitherTheLoopsNorAQuickHost) {
  const int slow = setting("TRAWL_SLOW", 300);
  const int seconds = setting("TRAWL_SLOW_SECONDS", 3);
  allow_descriptors();
  const int hosts = std::clamp(slow / slow_per_host, 1, 250);
  const support::DripServer server{
      {.hosts = hosts, .drips = seconds, .begin_at = static_cast<std::size_t>(slow)}};
  std::string list;
  for (int i = 0; i < slow; ++i) list += server.slow_url(i) + "\n";
  for (int i = 0; i < fast_urls; ++i) list += server.fast_url(i) + "\n";
  const TempDir dir;
  const auto file = dir.write("list", list);

  const auto run =
      run_trawl(Arguments{"fetch", "-v", "-i", file.string(), "--bodies", "none", "--concurrency",
                          fmt::to_string(slow + 50)} +
                    loopback(dir / "out",
                             {"--set", "fetch.min_speed=off", "--set", "limits.memory=1GiB",
                              "--set", fmt::format("politeness.per_host={}", 2 * slow_per_host)}),
                std::chrono::seconds{100 + seconds});

  ASSERT_EQ(run.exit_code, 0) << run.err.substr(0, 4000);
  const auto records = read_records(dir / "out");
  EXPECT_EQ(count(records, crawl::UrlState::fetched), static_cast<std::size_t>(slow + fast_urls));
  EXPECT_EQ(server.slow_at_once_max(), static_cast<std::size_t>(slow));
  const auto fast = times_of(records, "/fast/");
  ASSERT_EQ(fast.size(), static_cast<std::size_t>(fast_urls));
  const Millis lag = loop_lag(run.err);
  std::printf(
      "%d slow at once, %.1f MiB resident, loops late by %lld ms (p99), quick host %lld ms "
      "(p50) %lld ms (p99), %lld ms in all\n",
      slow, static_cast<double>(run.resident_bytes_max) / (1 << 20),
      static_cast<long long>(lag.count()), static_cast<long long>(fast[fast.size() / 2]),
      static_cast<long long>(fast[fast.size() * 99 / 100]),
      static_cast<long long>(run.took.count()));
  EXPECT_GE(lag.count(), 0) << "no word of it in the log";
  // Not held up by what takes seconds.
  EXPECT_LT(fast[fast.size() / 2], 1000);
  if (sanitized) return;
  EXPECT_LT(run.resident_bytes_max, 500ULL << 20);
  // How late a loop is depends on what else the machine does: not asked of a run with the suite.
  if (std::getenv("TRAWL_SLOW") != nullptr) EXPECT_LT(lag.count(), 50);
}

}  // namespace
}  // namespace trawl::e2e
