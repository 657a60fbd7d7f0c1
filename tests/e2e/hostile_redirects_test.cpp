// Rows 29 to 32 of docs/faults.md, and the whole hostile site at once. What is recorded of each
// redirect stands in service/demo/hostile_redirects.cpp.
#include "tests/e2e/hostile_web.hpp"
#include "tests/e2e/warcio.hpp"

#include <fmt/format.h>

#include <csignal>

namespace trawl::e2e {

using testing::HasSubstr;

// Row 29
TEST_F(HostileWeb, RedirectsInCirclesEndAndEachHopIsRecordedOnce) {
  fetch({"redirect_self", "redirect_pair", "redirect_growing"});
  EXPECT_EQ(server_.count("/redirect_self"), 1U);
  EXPECT_EQ(server_.count("/redirect_pair"), 1U);
  EXPECT_EQ(server_.count("/redirect_pair_2"), 1U);
  for (const char* hop : {"", "?x", "?xx", "?xxx", "?xxxx", "?xxxxx"})
    EXPECT_EQ(server_.count(fmt::format("/redirect_growing{}", hop)), 1U) << hop;
  EXPECT_EQ(server_.count("/redirect_growing?xxxxxx"), 0U);
}

// Row 30
TEST_F(HostileWeb, RedirectsOutOfTheWebAreRecordedAndNotFollowed) {
  fetch({"redirect_file", "redirect_gopher", "redirect_ftp", "redirect_mailto",
         "redirect_javascript", "redirect_data"});
  EXPECT_EQ(outcome("redirect_file").redirect_to, "file:///etc/passwd");
  EXPECT_EQ(outcome("redirect_mailto").redirect_to, "mailto:a@example.com");
  EXPECT_EQ(records_.size(), 8U);  // and the two good pages: nothing was admitted
}

// Row 31
TEST_F(HostileWeb, LocationsThatAreNoneOrTwo) {
  fetch({"redirect_bad_host", "redirect_text", "redirect_empty", "redirect_none", "redirect_two"});
  EXPECT_EQ(outcome("redirect_none").status, 302);
  EXPECT_EQ(outcome("redirect_two").redirect_to, server_.url("/good-1"));
}

// Row 32
TEST_F(HostileWeb, ALocationThatIsTooLongIsNotStored) {
  fetch({"redirect_70_kb", "redirect_9_mb"});
  EXPECT_THAT(outcome("redirect_70_kb").error_detail, HasSubstr("70001 bytes"));
  EXPECT_LE(outcome("redirect_70_kb").redirect_to.size(), 200U);
  EXPECT_EQ(records_.size(), 4U);
}

// As a user has it, but with more patience for a busy machine, and with others reading the archive.
TEST(HostileDemo, RecordsEveryBehaviourAsItSays) {
  const TempDir dir;
  const auto run =
      run_trawl({"demo", "--hostile", "-o", (dir / "out").string(), "--set",
                 "fetch.timeout_first_byte=8s", "--set", "fetch.min_speed=1KiB/s for 4s"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, Not(HasSubstr("not as expected"))) << run.out;
  EXPECT_THAT(run.out, HasSubstr("20 of 20 good pages fetched"));
  expect_sound(dir / "out");
  ASSERT_TRUE(has_warcio()) << "needs npm's warcio, which ./dev test installs";
  EXPECT_NE(check_with_warcio(warc_files(dir / "out")), "");
}

TEST(HostileDemo, ServesTheListPageUntilItIsToldToStop) {
  Subprocess demo{trawl({"demo", "--hostile", "--serve-only"})};
  ASSERT_TRUE(demo.wait_for_output("\n"));
  const std::string out = demo.out();
  const std::string origin = out.substr(0, out.find('\n'));
  const auto page = support::run({.args = {"curl", "-sS", "--noproxy", "*", origin}});
  EXPECT_THAT(page.out, HasSubstr("<a href=\"/short_body\">short_body</a>"));
  demo.send_signal(SIGTERM);
  EXPECT_EQ(demo.wait().exit_code, 0);
}

}  // namespace trawl::e2e
