// What runs and can have no effect.
#include "config/warnings.hpp"

#include "tests/config/support.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trawl::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> warned(std::string_view toml) {
  const auto job = load(toml);
  EXPECT_TRUE(job) << message(job);
  std::vector<std::string> lines;
  if (job)
    for (const ConfigError& warning : warnings_of(*job)) lines.push_back(format_error(warning));
  return lines;
}

}  // namespace

TEST(Warnings, APatternThatNoUrlCanMatchIsNamedWhereverItStands) {
  EXPECT_THAT(warned(R"(
[scope]
include = ["http://a.example/*", "*/a#top"]
exclude = ["http://u@a.example/*"]
[[site]]
match = "a.example"
scope.exclude = ["*#"]
[[priority]]
match = ["*", "http://[::1/*"]
priority = 1
)"),
              ElementsAre(HasSubstr("docs.toml:4:11: key scope.include: \"*/a#top\" matches no"),
                          HasSubstr("docs.toml:5:11: key scope.exclude: \"http://u@"),
                          HasSubstr("docs.toml:8:17: key site[0].scope.exclude: \"*#\""),
                          HasSubstr("docs.toml:10:9: key priority[0].match: \"http://[::1/*\"")));
}

TEST(Warnings, TypesThatAreReceivedAndTypesThatAreKeptHaveToMeet) {
  const auto warned_of = [](const char* received, const char* kept) {
    return warned(fmt::format("fetch.types = [{}]\noutput.types = [{}]\n", received, kept));
  };
  EXPECT_THAT(
      warned_of("'html'", "'PDF', 'application/zip'"),
      ElementsAre(HasSubstr("key output.types: keeps no page: of what is to be kept (PDF, "
                            "application/zip) nothing is received, since fetch.types has html")));
  EXPECT_THAT(warned_of("'text/html'", "'image/*'"), testing::SizeIs(1));
  EXPECT_THAT(warned_of("'text'", "'image'"), testing::SizeIs(1));
  EXPECT_THAT(warned_of("'text/html'", "'html'"), IsEmpty());
  EXPECT_THAT(warned_of("'text'", "'html'"), IsEmpty());
  EXPECT_THAT(warned_of("'text/*'", "'*/html'"), IsEmpty());
  EXPECT_THAT(warned_of("'html', 'pdf'", "'application/pdf'"), IsEmpty());
  EXPECT_THAT(warned_of("", "'pdf'"), IsEmpty());
  EXPECT_THAT(warned_of("'pdf'", ""), IsEmpty());
  EXPECT_THAT(warned("fetch.types = ['html']\noutput.types = ['pdf']\noutput.bodies = 'none'\n"),
              IsEmpty());
}

}  // namespace trawl::config
