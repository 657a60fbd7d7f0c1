#include "tests/config/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trawl::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(JobHooks, AreOffUnlessNamed) {
  const auto job = load("");
  ASSERT_TRUE(job);
  EXPECT_TRUE(job->spec.hooks.on_finish.off());
  EXPECT_TRUE(job->spec.hooks.on_error.off());
  EXPECT_TRUE(job->spec.hooks.on_host_blocked.off());
}

TEST(JobHooks, AreAUrlOrACommand) {
  const auto job = load(R"([hooks]
on_finish = "HTTPS://ops.example.org/hook"
on_error = ["/usr/bin/logger", "-t", "a b"]
on_host_blocked = "off"
secret_file = "/etc/trawl/secret"
timeout = "3s"
attempts = 2
allow_private_networks = ["10.0.0.0/8"]
)");
  ASSERT_TRUE(job) << message(job);
  const crawl::HookSpec& hooks = job->spec.hooks;
  EXPECT_EQ(hooks.on_finish.url, "HTTPS://ops.example.org/hook");
  EXPECT_THAT(hooks.on_error.command, ElementsAre("/usr/bin/logger", "-t", "a b"));
  EXPECT_TRUE(hooks.on_error.url.empty());
  EXPECT_EQ(hooks.timeout, Millis{3'000});
  EXPECT_EQ(hooks.attempts, 2);
  EXPECT_THAT(hooks.allow_private_networks, ElementsAre("10.0.0.0/8"));
}

TEST(JobHooks, WhatIsNeitherIsAnError) {
  for (const char* value : {"'logger'", "'ftp://a.example/'", "'https://'", "[]", "['logger']",
                            "['/bin/a', 5]", "5", "true", "''", "[\"/bin/a\\u0000b\"]"})
    EXPECT_THAT(message(load(std::string{"hooks.on_finish = "} + value)),
                HasSubstr("key hooks.on_finish: expected \"off\", a URL, or a command"))
        << value;
  for (const char* line : {"hooks.attempts = 0", "hooks.attempts = 11", "hooks.timeout = 0",
                           "hooks.timeout = '1h'", "hooks.allow_private_networks = ['10.0.0.1/8']"})
    EXPECT_FALSE(load(line)) << line;
}

TEST(JobHooks, PrintedJobKeepsCommandsAndHidesPathsOfUrls) {
  const auto job = load(R"([hooks]
on_finish = "https://ann:pw@hooks.example.org/services/T0/secret?k=1"
on_error = ["/bin/a", "b \"c\""]
on_host_blocked = "https://hooks.example.org/"
)");
  ASSERT_TRUE(job);
  const std::string text = print_job(*job);
  EXPECT_THAT(text, HasSubstr(R"(on_finish = "https://ann:***@hooks.example.org/***")"));
  EXPECT_THAT(text, HasSubstr(R"(on_error = ["/bin/a", "b \"c\""])"));
  EXPECT_THAT(text, HasSubstr(R"(on_host_blocked = "https://hooks.example.org/")"));
  EXPECT_THAT(text, Not(HasSubstr("secret?")));
}

}  // namespace
}  // namespace trawl::config
