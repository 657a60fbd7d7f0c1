#include "core/crawl/pages/refetch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

Outcome page() {
  return {.state = UrlState::queued,
          .status = 200,
          .attempts = 0,
          .fetched_at = Wall{Millis{1000}},
          .ip = "192.0.2.1",
          .bytes_wire = 500,
          .bytes_body = 400,
          .content_type = "text/html",
          .title = "A page",
          .digest = "sha256:aa",
          .etag = "\"one\"",
          .last_modified = "Thu, 01 Jan 1970 00:00:00 GMT",
          .archive = ArchivePosition{"warc/a.warc.gz", 12, 34}};
}

Outcome answer(int status) {
  return {.state = UrlState::fetched,
          .status = status,
          .attempts = 1,
          .fetched_at = Wall{Millis{2000}},
          .ip = "192.0.2.2",
          .bytes_wire = 90,
          .digest = "sha256:empty"};
}

http::Response response(int status,
                        std::string request_head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n") {
  http::Response response;
  response.status = status;
  response.request_head = std::move(request_head);
  return response;
}

}  // namespace

TEST(HasAnswer, TakesAWholeOneOfAnyStatus) {
  for (const int status : {200, 204, 302, 404, 503}) {
    Outcome record = answer(status);
    EXPECT_TRUE(has_answer(record)) << status;
    EXPECT_EQ(has_page(record), status < 300) << status;
    record.truncated = true;
    EXPECT_FALSE(has_answer(record)) << status;
  }
  EXPECT_FALSE(has_answer(answer(206)));
  EXPECT_FALSE(has_answer(answer(304)));
  EXPECT_FALSE(has_answer(Outcome{.state = UrlState::failed, .error = Errc::reset}));
  Outcome damaged = answer(200), slip = answer(200), kept = answer(200);
  damaged.error = Errc::decode;
  slip.error = Errc::sitemap;
  kept.error = Errc::reset;
  kept.revisit = Revisit::kept;
  EXPECT_FALSE(has_answer(damaged));
  EXPECT_TRUE(has_answer(slip));
  for (const Errc error : {Errc::redirect_bad, Errc::redirect_loop, Errc::too_many_redirects}) {
    Outcome redirect = answer(302);
    redirect.error = error;
    EXPECT_TRUE(has_answer(redirect)) << to_string(error);
  }
  EXPECT_TRUE(has_answer(kept));
}

TEST(Validators, AreThoseOfAWholePage) {
  EXPECT_THAT(validators(page(), BodyMode::warc),
              ElementsAre(Pair("If-None-Match", "\"one\""),
                          Pair("If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT")));
  Outcome none = page();
  none.etag.clear();
  none.last_modified.clear();
  EXPECT_THAT(validators(none, BodyMode::warc), IsEmpty());
  Outcome escaped = page();
  escaped.etag = R"("a\x80b")";
  escaped.last_modified.clear();
  EXPECT_THAT(validators(escaped, BodyMode::warc), IsEmpty());
  for (const int status : {204, 206, 301, 404}) {
    Outcome other = page();
    other.status = status;
    EXPECT_THAT(validators(other, BodyMode::warc), IsEmpty()) << status;
  }
  Outcome cut = page(), broken = page();
  cut.truncated = true;
  broken.error = Errc::body_truncated;
  EXPECT_THAT(validators(cut, BodyMode::warc), IsEmpty());
  EXPECT_THAT(validators(broken, BodyMode::warc), IsEmpty());
}

// "Not modified" would leave the archive of this job without the page.
TEST(Validators, AreNotSentForAPageThatIsKeptElsewhere) {
  EXPECT_THAT(validators(page(), BodyMode::files), IsEmpty());
  EXPECT_FALSE(validators(page(), BodyMode::none).empty());
  Outcome nowhere = page();
  nowhere.archive.reset();
  EXPECT_THAT(validators(nowhere, BodyMode::warc), IsEmpty());
  EXPECT_FALSE(validators(nowhere, BodyMode::none).empty());
}

TEST(Validators, HaveNothingThatAHeaderMayNotHave) {
  Outcome odd = page();
  odd.etag = "\"\xE4\"";
  odd.last_modified = "x\r\nEvil: 1";
  EXPECT_THAT(validators(odd, BodyMode::warc), IsEmpty());
  odd.etag = "*";  // which would stand for any
  EXPECT_THAT(validators(odd, BodyMode::warc), IsEmpty());
  odd.etag = "\"" + std::string(5000, 'x') + "\"";
  EXPECT_THAT(validators(odd, BodyMode::warc), IsEmpty());
}

TEST(Validators, AreSentInFormsThatServersUnderstand) {
  Outcome odd = page();
  odd.etag = "\"half";
  odd.last_modified = "garbage date";
  EXPECT_THAT(validators(odd, BodyMode::warc), IsEmpty());
  odd.etag = "no, tag";
  EXPECT_THAT(validators(odd, BodyMode::warc), IsEmpty());
  odd.etag = "noquotes";  // as its server has it
  EXPECT_THAT(validators(odd, BodyMode::warc), ElementsAre(Pair("If-None-Match", "noquotes")));
  odd.etag.clear();
  odd.last_modified = "Sunday, 06-Nov-94 08:49:37 GMT";
  EXPECT_THAT(validators(odd, BodyMode::warc),
              ElementsAre(Pair("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT")));
  odd.etag = "W/\"weak\"";
  odd.last_modified = "0";
  EXPECT_THAT(validators(odd, BodyMode::warc), ElementsAre(Pair("If-None-Match", "W/\"weak\"")));
}

TEST(Unasked, AreA304WithoutValidatorsAndA206WithoutARange) {
  EXPECT_TRUE(unasked(response(304), false));
  EXPECT_FALSE(unasked(response(304), true));
  EXPECT_FALSE(unasked(response(304, "GET / HTTP/1.1\r\nif-none-match: \"a\"\r\n\r\n"), false));
  EXPECT_TRUE(unasked(response(206), false));
  EXPECT_TRUE(unasked(response(206, "GET / HTTP/1.1\r\nX-Range: bytes=1-\r\n\r\n"), false));
  EXPECT_FALSE(unasked(response(206, "GET / HTTP/1.1\r\nRange: bytes=1-\r\n\r\n"), false));
  EXPECT_FALSE(unasked(response(200), false));
  EXPECT_EQ(unasked(response(304), false)->code, Errc::protocol);
}

TEST(KeepPage, NotModifiedKeepsThePageAndTakesTheExchange) {
  Outcome now = answer(304);
  now.etag = "W/\"one\"";
  keep_page(page(), true, now);
  EXPECT_EQ(now.state, UrlState::fetched);
  EXPECT_EQ(now.status, 200);
  EXPECT_EQ(now.revisit, Revisit::not_modified);
  EXPECT_EQ(now.digest, "sha256:aa");
  EXPECT_EQ(now.title, "A page");
  EXPECT_EQ(now.archive, page().archive);
  EXPECT_EQ(now.bytes_body, 400U);
  EXPECT_EQ(now.fetched_at, Wall{Millis{2000}});
  EXPECT_EQ(now.ip, "192.0.2.2");
  EXPECT_EQ(now.bytes_wire, 90U);
  EXPECT_EQ(now.attempts, 1);
  EXPECT_EQ(now.etag, "W/\"one\"");  // RFC 9111, 4.3.4
  EXPECT_EQ(now.last_modified, page().last_modified);
  EXPECT_TRUE(has_page(now));
}

// RFC 9111, 4.3.4: with another strong validator it is none of the page that is kept. Asked for by
// that, the page would never be fetched again.
TEST(KeepPage, NotModifiedOfAnotherPageChangesNoValidator) {
  Outcome now = answer(304);
  now.etag = "\"two\"";
  now.last_modified = "Fri, 02 Jan 2026 00:00:00 GMT";
  keep_page(page(), true, now);
  EXPECT_EQ(now.etag, page().etag);
  EXPECT_EQ(now.last_modified, page().last_modified);
}

TEST(KeepPage, AFailureKeepsThePageAndSaysSo) {
  Outcome now{.state = UrlState::failed,
              .error = Errc::connect_refused,
              .error_detail = "nobody there",
              .attempts = 4};
  keep_page(page(), false, now);
  EXPECT_EQ(now.state, UrlState::failed);
  EXPECT_EQ(now.error, Errc::connect_refused);
  EXPECT_EQ(now.error_detail, "nobody there");
  EXPECT_EQ(now.revisit, Revisit::kept);
  EXPECT_EQ(now.digest, "sha256:aa");
  EXPECT_EQ(now.fetched_at, Wall{Millis{1000}});
  EXPECT_EQ(now.attempts, 4);
  // And the next attempt asks by it again.
  EXPECT_TRUE(has_page(now));
  EXPECT_FALSE(validators(now, BodyMode::warc).empty());
}

// It is the only reason that the record has, and of that attempt alone.
TEST(KeepPage, AnAnswerOfATypeThatIsLeftOutIsNoted) {
  Outcome before = page();
  before.note = "links_cut";
  Outcome now = answer(200);
  now.note = "other_type";
  keep_page(before, false, now);
  EXPECT_EQ(now.note, "links_cut,other_type");
  EXPECT_EQ(now.digest, page().digest);
  Outcome next = answer(304);
  keep_page(now, true, next);
  EXPECT_EQ(next.note, "links_cut");
}

TEST(Revisit, HasNamesForRecords) {
  EXPECT_EQ(to_string(Revisit::none), "");
  EXPECT_EQ(to_string(Revisit::not_modified), "not_modified");
  EXPECT_EQ(to_string(Revisit::kept), "kept");
}

}  // namespace trawl::crawl
