// The moments are spread so that the kills cover the whole crawl, and the first ones hit its start.
#include "tests/e2e/kills.hpp"

#include "core/base/clock.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <thread>

namespace trawl::e2e {
namespace {

using crawl::UrlState;

constexpr int runs_per_kill_max = 4;  // a run may be over before its kill

// When the run's first request was answered, counted from now.
std::optional<Millis> first_request(const KillPlan& plan, const Subprocess& run, std::size_t before,
                                    Millis within) {
  const auto begun = system_clock().now();
  while (run.is_running() && system_clock().now() - begun < within) {
    if (plan.requests() > before) return std::chrono::ceil<Millis>(system_clock().now() - begun);
    std::this_thread::sleep_for(Millis{2});
  }
  return std::nullopt;
}

}  // namespace

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

void kill_again_and_again(const KillPlan& plan, std::mt19937_64& random, KillFigures& figures) {
  std::uniform_int_distribution<std::int64_t> moment(
      5, std::max<std::int64_t>(20, 3 * plan.undisturbed.count() / (2 * plan.kills)));
  while (figures.kills < plan.kills && figures.runs < plan.kills * runs_per_kill_max) {
    const Millis life{moment(random)};
    const auto before = plan.requests();
    Subprocess run{trawl(plan.crawl)};
    const auto begun = system_clock().now();
    ++figures.runs;
    const auto first = first_request(plan, run, before, life);
    if (first && figures.kills > 0) figures.recovery_max = std::max(figures.recovery_max, *first);
    std::this_thread::sleep_until(begun + life);
    run.send_signal(SIGKILL);
    const auto& end = run.wait();
    if (end.signal == SIGKILL) {
      ++figures.kills;
    } else {
      ASSERT_EQ(end.exit_code, 0) << end.err;
      if (count(read_records(plan.folder), UrlState::queued) == 0) return;
    }
  }
}

std::size_t expect_nothing_lost(const Records& expected, const KillPlan& plan,
                                const KillFigures& figures) {
  const auto records = read_records(plan.folder);
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
  const auto archived = expect_sound(plan.folder);
  EXPECT_EQ(archived, count(records, UrlState::fetched));
  std::printf(
      "undisturbed %lld ms, %d runs, %d killed, %zu URLs, %zu archived, %zu lost, longest "
      "recovery %lld ms\n",
      static_cast<long long>(plan.undisturbed.count()), figures.runs, figures.kills, records.size(),
      archived, lost, static_cast<long long>(figures.recovery_max.count()));
  return lost;
}

}  // namespace trawl::e2e
