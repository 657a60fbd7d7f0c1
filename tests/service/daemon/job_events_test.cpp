// What a job's watchers hear of its file: pages that show its errors and settings ask for them
// again then, and at no other time.
#include "service/daemon/job_events.hpp"

#include "core/coro/loop.hpp"
#include "core/coro/worker.hpp"
#include "service/daemon/managed_job.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace trawl::service {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

// A job that waits for 29 February, and what is heard of it.
class Heard {
 public:
  // How many events the file led to.
  std::size_t take(const std::string& text) {
    const std::size_t before = events.size();
    job.take(config::load_job_text(text, "a.toml", {}));
    return events.size() - before;
  }

  std::vector<std::string> events;

 private:
  const support::TempDir dir_;
  coro::Loop loop_;
  support::ManualClock clock_;
  LedgerDesk ledger_{dir_ / "daemon.db"};
  Watchers watchers_;
  crawl::PolitenessBuckets buckets_;
  coro::SharedPlaces places_{8};
  http::SpeedLimit speed_;
  RunTurns turns_{1};
  HookDesk hooks_;
  coro::Worker files_{"jobs", 8};
  JobSurroundings around_{.executor = loop_.executor(),
                          .clock = clock_,
                          .ledger = ledger_,
                          .watchers = watchers_,
                          .buckets = buckets_,
                          .places = places_,
                          .speed = speed_,
                          .turns = turns_,
                          .hooks = hooks_,
                          .files = files_,
                          .on_turn_free = [] {}};
  std::unique_ptr<Jobs::Watch> watch_ =
      watchers_.add([this](const JobEvent& event) { events.push_back(event.data); });

 public:
  ManagedJob job{around_, "a", {}, std::nullopt};
};

std::string yearly(const std::string& more) {
  return "[job]\nschedule = '0 0 29 2 *'\n[seeds]\nurls = ['https://example.org/']\n" + more;
}

}  // namespace

TEST(JobEvents, OtherErrorsOfAFileAreToldThoughTheStateIsTheSame) {
  Heard heard;
  EXPECT_EQ(heard.take(yearly("[fetch]\nconcurency = 2\n")), 1U);
  EXPECT_THAT(heard.events.back(), HasSubstr("invalid"));
  EXPECT_EQ(heard.take(yearly("[fetch]\nconcurency = 2\n")), 0U);
  EXPECT_EQ(heard.take(yearly("\n[fetch]\nconcurency = 2\n")), 1U);  // another line
  EXPECT_EQ(heard.take(yearly("[fetch]\nconcurency = 2\nretrys = 1\n")), 1U);
  EXPECT_THAT(heard.job.view().errors, SizeIs(2));
}

TEST(JobEvents, OtherSettingsAreTold) {
  Heard heard;
  EXPECT_EQ(heard.take(yearly("")), 1U);
  EXPECT_THAT(heard.events.back(), HasSubstr("waiting"));
  EXPECT_EQ(heard.take(yearly("")), 0U);
  EXPECT_EQ(heard.take(yearly("[politeness]\ndelay = '3s'\n")), 1U);
  EXPECT_THAT(heard.events.back(), HasSubstr("waiting"));
}

}  // namespace trawl::service
