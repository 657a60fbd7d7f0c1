#include "tests/support/nginx.hpp"

#include <gtest/gtest.h>

namespace trawl::support {

TEST(Nginx, ServesAFolderAndWitnessesEachRequest) {
  if (!Nginx::is_installed()) GTEST_SKIP() << "nginx is not installed";
  const TempDir site;
  site.write("a/index.html", "<p>hello");
  Nginx nginx{site.string(), "location = /old { return 301 /a/; }"};
  const auto curl = run({.args = {"curl", "-sS", "-L", "-A", "tester", "--noproxy", "*",
                                  nginx.url("/old"), nginx.url("/a/?q=1"), nginx.url("/none")}});
  EXPECT_EQ(curl.exit_code, 0) << curl.err;
  EXPECT_TRUE(curl.out.starts_with("<p>hello<p>hello<html>")) << curl.out;
  nginx.stop();
  const auto seen = nginx.accesses();
  ASSERT_EQ(seen.size(), 4u);
  EXPECT_EQ(seen[0].target, "/old");
  EXPECT_EQ(seen[0].status, 301);
  EXPECT_EQ(seen[2].method, "GET");
  EXPECT_EQ(seen[2].target, "/a/?q=1");
  EXPECT_EQ(seen[2].body_bytes, 8u);
  EXPECT_EQ(seen[2].user_agent, "tester");
  EXPECT_EQ(seen[3].status, 404);
}

}  // namespace trawl::support
