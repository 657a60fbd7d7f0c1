// RFC 9110 14.4 (Content-Range), 13.1.5 (If-Range), 8.8.1 (strong validators), 15.3.7.3.
#include "core/crawl/state/kept_part.hpp"

#include <gmock/gmock.h>

namespace trawl::crawl {
namespace {

using http::Continuation;
using http::Headers;
using testing::ElementsAre;
using testing::Pair;

const Wall now{Millis{1'800'000'000'000}};
const std::string etag = "\"v1\"";
const std::string modified = "Thu, 01 Jan 2026 00:00:00 GMT";

std::optional<KeptPart> continuable(const Headers& headers, int status = 200) {
  return crawl::continuable("http://a/f", status, headers, now);
}

KeptPart part_of(std::uint64_t bytes, std::optional<std::uint64_t> total = 100) {
  return {.url = "http://a/f",
          .file = "part-1",
          .bytes = bytes,
          .total = total,
          .validator = etag,
          .headers = {{"ETag", etag}, {"Content-Length", "100"}, {"Last-Modified", modified}}};
}

Continuation judged(int status, const Headers& headers, bool same_server = true,
                    bool known_whole = false, const KeptPart& part = part_of(40)) {
  return judge_continuation(part, same_server, known_whole, status, headers);
}

TEST(KeptPart, ABodyWithAStrongValidatorCanBeContinued) {
  const auto part = continuable({{"ETag", etag}, {"Content-Length", "100"}});
  ASSERT_TRUE(part);
  EXPECT_EQ(part->validator, etag);
  EXPECT_EQ(part->total, 100u);
  EXPECT_EQ(part->url, "http://a/f");
  EXPECT_EQ(continuable({{"ETag", "W/\"v1\""}, {"Last-Modified", modified}})->validator, modified);
  EXPECT_EQ(continuable({{"ETag", etag}})->total, std::nullopt);
}

TEST(KeptPart, WithoutOneItCanNot) {
  EXPECT_FALSE(continuable({}));
  EXPECT_FALSE(continuable({{"ETag", "W/\"v1\""}}));
  EXPECT_FALSE(continuable({{"ETag", "v1"}}));
  EXPECT_FALSE(continuable({{"ETag", "\"v1\", \"v2\""}}));
  EXPECT_FALSE(continuable({{"Last-Modified", "yesterday"}}));
  EXPECT_FALSE(continuable({{"Last-Modified", "Thu Jan  1 00:00:00 2026"}}));
  // It may change once more within the second in which it was sent.
  EXPECT_FALSE(continuable({{"Last-Modified", modified}, {"Date", modified}}));
  EXPECT_TRUE(
      continuable({{"Last-Modified", modified}, {"Date", "Thu, 01 Jan 2026 00:00:01 GMT"}}));
  EXPECT_FALSE(continuable({{"ETag", etag}, {"Accept-Ranges", "none"}}));
  EXPECT_FALSE(continuable({{"ETag", etag}, {"Content-Encoding", "gzip"}}));
  EXPECT_FALSE(continuable({{"ETag", etag}}, 203));
}

TEST(KeptPart, TheRestIsAskedForWithTheValidatorOfItsOwnServerAlone) {
  EXPECT_THAT(range_fields(part_of(40), true),
              ElementsAre(Pair("Accept-Encoding", "identity"), Pair("Range", "bytes=40-"),
                          Pair("If-Range", etag)));
  EXPECT_THAT(range_fields(part_of(40), false),
              ElementsAre(Pair("Accept-Encoding", "identity"), Pair("Range", "bytes=40-")));
}

TEST(KeptPart, OnlyTheRightRestOfTheSameVersionIsAppended) {
  EXPECT_EQ(judged(206, {{"Content-Range", "bytes 40-99/100"}, {"ETag", etag}}),
            Continuation::append);
  EXPECT_EQ(judged(206, {{"Content-Range", "bytes 40-59/*"}, {"ETag", etag}}),
            Continuation::append);
  for (const char* range : {"bytes 41-99/100", "bytes 0-99/100", "bytes 40-99/101",
                            "bytes 40-39/100", "bytes 40-100/100", "bytes */100", "40-99/100",
                            "bytes 40-99", "", "bytes 40-99/x", "bytes 99999999999999999999-9/100"})
    EXPECT_EQ(judged(206, {{"Content-Range", range}, {"ETag", etag}}), Continuation::refused)
        << range;
  EXPECT_EQ(judged(206, {{"Content-Range", "bytes 40-99/100"}, {"ETag", "\"v2\""}}),
            Continuation::refused);
  EXPECT_EQ(judged(206, {{"Content-Range", "bytes 40-99/100"}}), Continuation::refused);
  EXPECT_EQ(
      judged(206,
             {{"Content-Range", "bytes 40-99/100"}, {"ETag", etag}, {"Content-Encoding", "gzip"}}),
      Continuation::refused);
}

TEST(KeptPart, OnlyABodyThatIsTheRangeIsAppended) {
  const Headers rest{{"Content-Range", "bytes 40-99/100"}, {"ETag", etag}};
  const auto with = [&](const std::string& name, const std::string& value) {
    Headers headers = rest;
    headers.emplace_back(name, value);
    return judged(206, headers);
  };
  EXPECT_EQ(with("Content-Length", "60"), Continuation::append);
  EXPECT_EQ(with("Content-Length", "61"), Continuation::refused);
  EXPECT_EQ(with("Content-Length", "59"), Continuation::refused);
  EXPECT_EQ(with("Content-Type", "multipart/byteranges; boundary=x"), Continuation::refused);
  // Where nobody says how long the whole is, the end can't be told from a break.
  const Headers open_ended{{"Content-Range", "bytes 40-99/*"}, {"ETag", etag}};
  EXPECT_EQ(judged(206, open_ended), Continuation::append);
  EXPECT_EQ(judged(206, open_ended, true, false, part_of(40, std::nullopt)), Continuation::refused);
  EXPECT_EQ(judged(206, open_ended, true, true, part_of(40, std::nullopt)), Continuation::append);
}

TEST(KeptPart, AnotherWeakEtagIsAnotherVersion) {
  KeptPart part = part_of(40);
  part.validator = modified;
  part.headers = {{"ETag", "W/\"a\""}, {"Last-Modified", modified}};
  const auto judged_with = [&](const std::string& tag) {
    return judged(206, {{"Content-Range", "bytes 40-99/100"}, {"ETag", tag}}, true, false, part);
  };
  EXPECT_EQ(judged_with("W/\"a\""), Continuation::append);
  EXPECT_EQ(judged_with("W/\"b\""), Continuation::refused);
}

TEST(KeptPart, OtherAnswersStartAnewOrAreAnswersOfTheirOwn) {
  EXPECT_EQ(judged(200, {}), Continuation::anew);
  EXPECT_EQ(judged(416, {{"Content-Range", "bytes */100"}}), Continuation::refused);
  EXPECT_EQ(judged(503, {}), Continuation::other);
  EXPECT_EQ(judged(302, {}), Continuation::other);
}

TEST(KeptPart, AnotherServerGoesOnWhereLengthOrChecksumVouchForIt) {
  const Headers rest{{"Content-Range", "bytes 40-99/100"}, {"ETag", "\"its own\""}};
  EXPECT_EQ(judged(206, rest, false), Continuation::append);
  EXPECT_EQ(judged(206, {{"Content-Range", "bytes 40-100/101"}}, false), Continuation::refused);
  EXPECT_EQ(judged(206, {{"Content-Range", "bytes 40-99/*"}}, false), Continuation::refused);
  EXPECT_EQ(judged(206, {{"Content-Range", "bytes 40-99/*"}}, false, true), Continuation::append);
  EXPECT_EQ(judged(206, rest, false, false, part_of(40, std::nullopt)), Continuation::refused);
  EXPECT_EQ(judged(206,
                   {{"Content-Range", "bytes 40-99/100"},
                    {"Last-Modified", "Fri, 02 Jan 2026 00:00:00 GMT"}},
                   false),
            Continuation::refused);
}

TEST(KeptPart, TheWholeIsTheFirstAnswerWithItsLength) {
  http::Response response{.status = 206, .headers = {{"Content-Range", "bytes 40-99/100"}}};
  response.bytes_body = 100;
  restore_whole(part_of(40), response);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(http::find_header(response.headers, "etag"), etag);
  EXPECT_EQ(http::find_header(response.headers, "content-length"), "100");
  EXPECT_EQ(http::find_header(response.headers, "content-range"), "");
  EXPECT_FALSE(response.broken);
}

TEST(KeptPart, MoreThanTheRangeIsNoWhole) {
  http::Response response{.status = 206, .headers = {{"Content-Range", "bytes 40-99/100"}}};
  response.bytes_body = 101;
  EXPECT_FALSE(restore_whole(part_of(40), response));
  response.bytes_body = 100;
  EXPECT_TRUE(restore_whole(part_of(40), response));
}

TEST(KeptPart, ARangeThatStopsBeforeTheEndIsNoWhole) {
  http::Response response{.status = 206, .headers = {{"Content-Range", "bytes 40-59/100"}}};
  response.bytes_body = 60;
  restore_whole(part_of(40), response);
  ASSERT_TRUE(response.broken);
  EXPECT_EQ(response.broken->code, Errc::body_truncated);
}

TEST(KeptPart, AHundredthOfTheBodyIsAnAdvance) {
  EXPECT_TRUE(is_advance(part_of(41, 100), 40, 0));
  EXPECT_FALSE(is_advance(part_of(40, 100), 40, 0));
  EXPECT_FALSE(is_advance(part_of(50'000, 100'000), 49'900, 0));
  EXPECT_FALSE(is_advance(part_of(41, std::nullopt), 40, 0));
}

TEST(KeptPart, AdvancesOfWhatNeverGetsWholeHaveAnEnd) {
  EXPECT_TRUE(is_advance(part_of(90), 0, 99));
  EXPECT_FALSE(is_advance(part_of(90), 0, 100));
}

}  // namespace
}  // namespace trawl::crawl
