// [[priority]] from outside: the order of the requests, over a restart, and what explain says.
#include "tests/e2e/program.hpp"

#include <fmt/format.h>

#include <fstream>

namespace trawl::e2e {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Priority, RulesOfAJobFileHoldOverARestartAndAreExplained) {
  LoopbackServer server;
  server.on("/", Reply{.body = page("home", {"/1.pdf", "/2", "/news/3", "/news/4", "/5"})});
  server.otherwise([](const SeenRequest& request) {
    return request.path == "/robots.txt" ? Reply{.status = 404}
                                         : Reply{.body = page(request.path, {})};
  });
  const TempDir dir;
  const auto out = (dir / "out").string();
  std::ofstream{dir / "job.toml"} << fmt::format(
      "[seeds]\nurls = [\"{}\"]\n[limits]\npages = 2\n[politeness]\ndelay = 0\n"
      "adaptive = \"off\"\n[robots]\npolicy = \"ignore\"\n[fetch]\n"
      "allow_private_networks = [\"127.0.0.0/8\"]\n[output]\ndir = \"{}\"\nshards = 1\n"
      "[[priority]]\nmatch = \"*/news/*\"\npriority = 5\n"
      "[[priority]]\nmatch = \"*.pdf\"\npriority = -5\n",
      server.url("/"), out);
  const auto job = (dir / "job.toml").string();
  const auto first = run_trawl({"run", job});
  EXPECT_EQ(first.exit_code, 11) << first.err;
  const auto explained = run_trawl({"explain", out, server.url("/1.pdf")});
  EXPECT_THAT(explained.out, HasSubstr("priority   -5: after others of its host"));
  EXPECT_THAT(explained.out, HasSubstr("by the rule priority[1], 2 of 2"));
  EXPECT_THAT(explained.out, HasSubstr("3 URLs of its host before it"));
  EXPECT_THAT(run_trawl({"explain", out, server.url("/2")}).out,
              HasSubstr("1 URL of its host before it"));
  const auto second = run_trawl({"run", job, "--set", "limits.pages=off"});
  EXPECT_EQ(second.exit_code, 0) << second.err;
  std::vector<std::string> asked;
  for (const SeenRequest& request : server.requests()) asked.push_back(request.path);
  EXPECT_THAT(asked, ElementsAre("/", "/news/3", "/news/4", "/2", "/5", "/1.pdf"));
}

}  // namespace
}  // namespace trawl::e2e
