// What a job's watchers hear of its file: pages that show its errors and settings ask for them
// again then, and at no other time.
#include "service/daemon/job_events.hpp"

#include "tests/service/daemon/surroundings.hpp"

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
  Surroundings with_;
  std::unique_ptr<Jobs::Watch> watch_ =
      with_.watchers.add([this](const JobEvent& event) { events.push_back(event.data); });

 public:
  ManagedJob job{with_.around, "a", {}, std::nullopt};
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
