// Rows 17 to 28 of docs/faults.md: content codings, sizes, and servers that take their time. What
// is recorded of each stands in service/demo/hostile_codings.cpp and hostile_bodies.cpp.
#include "tests/e2e/hostile_web.hpp"

#include <fmt/format.h>

namespace trawl::e2e {

using service::demo::Script;
using service::demo::ScriptRequest;
using support::HostileServer;
using testing::HasSubstr;

constexpr std::uint64_t max_body = 1 << 20;  // of hostile_settings()

// Row 17
TEST_F(HostileWeb, BombsEndAtTheBoundOfDecodedBytes) {
  fetch({"gzip_bomb", "deflate_bomb", "br_bomb", "zstd_bomb", "bomb_in_bomb"});
  for (const char* name : {"gzip_bomb", "deflate_bomb", "br_bomb", "zstd_bomb"}) {
    EXPECT_EQ(outcome(name).bytes_body, max_body) << name;
    EXPECT_LT(outcome(name).bytes_wire, 100'000U) << name;
  }
}

// Row 18
TEST_F(HostileWeb, BombsInBodiesThatNobodyReadsEndThereToo) {
  fetch({"redirect_with_bomb", "missing_with_bomb"});
  EXPECT_EQ(outcome("redirect_with_bomb").redirect_to, server_.url("/good-1"));
  EXPECT_EQ(outcome("missing_with_bomb").status, 404);
}

namespace {

// robots.txt is a bomb that was not asked for.
Script bomb_as_robots(const ScriptRequest& request) {
  if (request.target == "/robots.txt")
    return service::demo::find_behaviour("gzip_bomb")->script(request);
  return service::demo::hostile_answer(request);
}

}  // namespace

// Row 18
TEST_F(HostileWeb, ABombAsRobotsTxtHoldsNobodyUp) {
  const HostileServer server{bomb_as_robots};
  fetch_from(server, {});
  EXPECT_EQ(server.count("/robots.txt"), 1U);
}

// Row 19
TEST_F(HostileWeb, HalfOfAGzipBodyIsNotAWholeOne) {
  fetch({"gzip_cut"});
  EXPECT_THAT(outcome("gzip_cut").error_detail, HasSubstr("ends early"));
}

// Row 20
TEST_F(HostileWeb, DamagedGzipIsKeptAsItCame) {
  fetch({"gzip_bad_crc", "gzip_garbage"});
  const auto raw =
      run_trawl({"cat", (dir_ / "out").string(), server_.url("/gzip_garbage"), "--raw"});
  EXPECT_THAT(raw.out, HasSubstr("<title>not packed</title>"));
  EXPECT_EQ(outcome("gzip_bad_crc").status, 200);
}

// Row 21
TEST_F(HostileWeb, BytesBehindGzipAreNotedAndFurtherMembersRead) {
  fetch({"gzip_trailing", "gzip_two_members"});
  EXPECT_EQ(outcome("gzip_trailing").title, "packed");
  EXPECT_THAT(body("gzip_two_members"), HasSubstr("This is more."));
}

// Row 22
TEST_F(HostileWeb, CodingsThatAreTooManyOrUnknownAreNotUndone) {
  fetch({"six_codings", "unknown_coding"});
  EXPECT_THAT(outcome("six_codings").error_detail, HasSubstr("codings"));
  EXPECT_THAT(outcome("unknown_coding").error_detail, HasSubstr("x-foo"));
  const auto raw =
      run_trawl({"cat", (dir_ / "out").string(), server_.url("/unknown_coding"), "--raw"});
  EXPECT_THAT(raw.out, HasSubstr("This is foo."));
}

// Row 23
TEST_F(HostileWeb, BodiesWithoutEndAreCutAtTheBound) {
  fetch({"endless_body", "endless_chunks"});
  EXPECT_EQ(outcome("endless_body").bytes_body, max_body);
  EXPECT_EQ(outcome("endless_chunks").bytes_body, max_body);
}

// Row 24
TEST_F(HostileWeb, ABodyAnnouncedOverTheBoundIsNotWaitedFor) {
  fetch({"two_gigabytes"});
  EXPECT_EQ(outcome("two_gigabytes").bytes_body, 0U);
  EXPECT_EQ(outcome("two_gigabytes").status, 200);
}

// Row 25
TEST_F(HostileWeb, PagesInAnotherCharsetOrNoneAreAnswersLikeAny) {
  fetch({"utf16_page", "binary_page"});
  EXPECT_EQ(outcome("utf16_page").charset, "UTF-16LE");
}

// Row 26
TEST_F(HostileWeb, SilenceEndsWithTheTimeForTheFirstByte) {
  fetch({"silence"});
  EXPECT_THAT(outcome("silence").error_detail, HasSubstr("gave up after"));
}

// Row 27
TEST_F(HostileWeb, ADripIsTooSlowInHeadAndBody) {
  fetch({"drip_head", "drip_body"});
  EXPECT_GT(outcome("drip_body").bytes_body, 0U);
  EXPECT_LT(outcome("drip_body").bytes_body, 400U);
}

// Row 28
TEST_F(HostileWeb, AStallLeavesThePartThatCame) {
  fetch({"stall"});
  EXPECT_EQ(outcome("stall").title, "a part");
  EXPECT_THAT(body("stall"), HasSubstr("This is a part."));
}

}  // namespace trawl::e2e
