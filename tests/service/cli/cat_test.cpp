#include "service/cli/cat.hpp"

#include "core/base/result.hpp"
#include "core/web/digest.hpp"
#include "service/text/base64.hpp"
#include "tests/service/cli/small_crawl.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <optional>

namespace trawl::service::cli {
namespace {

// "hello, hello, hello" by gzip(1).
std::string gzipped_hello() {
  return *decode_base64("H4sIAAAAAAAAA8tIzcnJ11HIQKIAn6HKCRMAAAA=");
}

std::string cat(const test::SmallCrawl& crawl, const std::string& url, BodyForm form = {}) {
  TextOutput out;
  EXPECT_EQ(run_cat({crawl.folder(), url, form}, out), ExitCode::ok);
  return out.text;
}

// The failure of a cat, nothing of which may have been written.
Error refusal(const test::SmallCrawl& crawl, const std::string& url, BodyForm form = {}) {
  TextOutput out;
  try {
    run_cat({crawl.folder(), url, form}, out);
  } catch (const Failure& failure) {
    EXPECT_EQ(out.text, "");
    return failure.error();
  }
  ADD_FAILURE() << "no refusal of " << url;
  return {};
}

bool says(const Error& error, std::string_view text) {
  return error.detail.find(text) != std::string::npos;
}

TEST(Cat, ABodyComesDecodedOrRawWithOrWithoutItsHead) {
  test::SmallCrawl crawl;
  crawl.fetch("http://a/z", "a", "Content-Encoding: gzip\r\n", gzipped_hello());
  EXPECT_EQ(cat(crawl, "http://a/z"), "hello, hello, hello");
  EXPECT_EQ(cat(crawl, "http://a/z", {.raw = true}), gzipped_hello());
  const std::string with_head = cat(crawl, "http://a/z", {.head = true});
  EXPECT_TRUE(with_head.starts_with("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"));
  EXPECT_TRUE(with_head.ends_with("\r\n\r\nhello, hello, hello"));
}

TEST(Cat, BytesOfAnyKindComeBackAsTheyWere) {
  test::SmallCrawl crawl;
  std::string body;
  for (int i = 0; i < 700'000; ++i) body += static_cast<char>(i * 31 + i / 256);
  crawl.fetch("http://a/1", "a", "", body);
  crawl.fetch("http://a/2", "a", "", "");
  crawl.fetch("http://a/3", "a", "", "after");
  EXPECT_EQ(cat(crawl, "http://a/1"), body);
  EXPECT_EQ(cat(crawl, "http://a/2"), "");
  EXPECT_EQ(cat(crawl, "http://a/3"), "after");
}

TEST(Cat, ABodyThatWasKeptUnderAnotherUrlIsFoundThere) {
  test::SmallCrawl crawl;
  std::string body;
  for (int i = 0; i < 999; ++i) body += std::to_string(i * i);
  crawl.fetch("http://a/1", "a", "X: 1\r\n", body);
  crawl.fetch("http://a/2", "a", "X: 2\r\n", body);
  EXPECT_EQ(cat(crawl, "http://a/2"), body);
  EXPECT_TRUE(cat(crawl, "http://a/2", {.head = true}).starts_with("HTTP/1.1 200 OK\r\nX: 2\r\n"));
  // The URL may have another body by now; the record with the old one is still there.
  crawl.fetch("http://a/3", "a", "", "something else");
  crawl.move("http://a/1", "a", "http://a/3");
  EXPECT_EQ(cat(crawl, "http://a/2"), body);
}

TEST(Cat, ABodyThatWasKeptElsewhereAndIsGoneIsSaid) {
  test::SmallCrawl crawl;
  std::string body;
  for (int i = 0; i < 999; ++i) body += std::to_string(i * i);
  crawl.fetch("http://a/1", "a", "", body);
  crawl.damage_warc("http://a/1", "a");
  crawl.fetch("http://a/2", "a", "", body);
  const Error error = refusal(crawl, "http://a/2");
  EXPECT_EQ(error.code, Errc::damaged);
  EXPECT_TRUE(says(error, "the body of http://a/2 is that of http://a/1, fetched 20"));
}

TEST(Cat, UrlsAreFoundInOtherSpellings) {
  test::SmallCrawl crawl;
  crawl.fetch("http://example.org/a?x=1", "example.org", "", "body");
  for (const char* url :
       {"http://example.org/a?x=1", "HTTP://EXAMPLE.org:80/b/../a?x=1#top", "example.org/a?x=1",
        "http://example.org/%61?x=1&utm_source=y", "http://user@example.org/a?x=1"})
    EXPECT_EQ(cat(crawl, url), "body") << url;
}

TEST(Cat, FilesHoldBodiesDecodedAndNothingElse) {
  test::SmallCrawl crawl;
  crawl.fetch_to_file("http://a/page.html", "a", "text");
  EXPECT_EQ(cat(crawl, "http://a/page.html"), "text");
  EXPECT_EQ(refusal(crawl, "http://a/page.html", {.head = true}).code, Errc::usage);
  EXPECT_EQ(refusal(crawl, "http://a/page.html", {.raw = true}).code, Errc::usage);
}

TEST(Cat, AnUnknownUrlIsRefusedWithWhatIsNear) {
  test::SmallCrawl crawl;
  crawl.fetch("http://a/guide/index.html", "a", "", "x");
  crawl.fetch("http://a/other", "a", "", "x");
  const Error error = refusal(crawl, "http://a/guide/indx.html");
  EXPECT_EQ(error.code, Errc::not_found);
  EXPECT_TRUE(says(error, "not in this crawl"));
  EXPECT_TRUE(says(error, "near it are:\n  http://a/guide/index.html"));
  EXPECT_TRUE(says(refusal(crawl, "http://b/"), "nor is any other URL of its host"));
  EXPECT_EQ(refusal(crawl, "http://[").code, Errc::bad_url);
  EXPECT_EQ(refusal(crawl, "ftp://a/").code, Errc::bad_url);
}

TEST(Cat, WithoutABodyItSaysWhy) {
  test::SmallCrawl crawl;
  crawl.admit("http://a/1", "a");
  crawl.end(crawl.admit("http://a/2", "a"), {.state = crawl::UrlState::failed,
                                             .error = Errc::dns,
                                             .error_detail = "no address",
                                             .attempts = 4});
  crawl.admit("http://a/3", "a", Errc::robots);
  crawl.end(crawl.admit("http://a/4", "a"),
            test::SmallCrawl::fetched({.status = 301, .redirect_to = "http://a/5"}));
  EXPECT_TRUE(says(refusal(crawl, "http://a/1"), "queued and not fetched yet"));
  EXPECT_TRUE(says(refusal(crawl, "http://a/2"), "in 4 attempts: dns: no address"));
  EXPECT_TRUE(says(refusal(crawl, "http://a/3"), "excluded: robots"));
  EXPECT_TRUE(says(refusal(crawl, "http://a/4"), "(301)"));
  EXPECT_TRUE(says(refusal(crawl, "http://a/4"), "redirects to http://a/5"));
}

TEST(Cat, ABodyThatWasCutIsGivenAsFarAsItGoes) {
  test::SmallCrawl crawl;
  const std::string coded = "Content-Encoding: gzip\r\n";
  crawl.fetch("http://a/bound", "a", coded, gzipped_hello(), {.bytes_body = 5, .truncated = true});
  EXPECT_EQ(cat(crawl, "http://a/bound"), "hello");
  crawl.fetch("http://a/cut", "a", coded, gzipped_hello().substr(0, 20),
              {.error = Errc::body_truncated});
  EXPECT_TRUE(std::string_view{"hello, hello, hello"}.starts_with(cat(crawl, "http://a/cut")));
  crawl.fetch("http://a/bad", "a", coded, "no gzip");
  const Error error = refusal(crawl, "http://a/bad");
  EXPECT_EQ(error.code, Errc::decode);
  EXPECT_TRUE(says(error, "--raw"));
  EXPECT_EQ(cat(crawl, "http://a/bad", {.raw = true}), "no gzip");
}

TEST(Cat, ADamagedArchiveIsNoticed) {
  test::SmallCrawl crawl;
  crawl.fetch("http://a/1", "a", "", "one");
  crawl::Outcome elsewhere = test::SmallCrawl::fetched();
  elsewhere.archive = crawl::ArchivePosition{"../secret", 0, 10};
  crawl.end(crawl.admit("http://a/2", "a"), elsewhere);
  elsewhere.archive = crawl::ArchivePosition{"files/../../secret", 0, 10};
  crawl.end(crawl.admit("http://a/3", "a"), elsewhere);
  EXPECT_EQ(refusal(crawl, "http://a/2").code, Errc::damaged);
  EXPECT_EQ(refusal(crawl, "http://a/3").code, Errc::damaged);
  for (const auto& file : std::filesystem::directory_iterator{crawl.folder() + "/warc"})
    std::filesystem::resize_file(file.path(), file.file_size() / 2);
  EXPECT_EQ(refusal(crawl, "http://a/1").code, Errc::damaged);
}

// The original is in another record than the database has now, so that it is looked for in all WARC
// files.
TEST(Cat, TheHeadOfARevisitComesBeforeItsOriginalIsLookedFor) {
  test::SmallCrawl crawl;
  std::string body;
  for (int i = 0; i < 999; ++i) body += std::to_string(i * i);
  crawl.fetch("http://a/1", "a", "X: 1\r\n", body);
  crawl.fetch("http://a/2", "a", "X: 2\r\n", body);
  crawl.fetch("http://a/3", "a", "", "other");
  auto db = storage::open_for_reading(std::filesystem::path{crawl.folder()} / "crawl.db");
  const auto original = *storage::find_record(db, "http://a/1", "a")->outcome.archive;
  crawl.move("http://a/1", "a", "http://a/3");
  EXPECT_EQ(cat(crawl, "http://a/2"), body);
  // Neither where the revisit nor where the database says it is.
  std::fstream{std::filesystem::path{crawl.folder()} / original.file,
               std::ios::in | std::ios::out | std::ios::binary}
          .seekp(static_cast<std::streamoff>(original.offset))
      << "damage";
  const auto record = storage::find_record(db, "http://a/2", "a");
  ASSERT_TRUE(record);
  const std::atomic<bool> stop = true;
  std::string given;
  const auto read = [&](BodyForm form, bool goes_on) {
    form.stop = &stop;
    return read_stored_body(crawl.folder(), *record, form, [&](std::string_view piece) {
      given += piece;
      return goes_on;
    });
  };
  EXPECT_TRUE(read({.head = true}, false));
  EXPECT_TRUE(given.contains("X: 2"));
  const auto whole = read({}, true);
  ASSERT_FALSE(whole);
  EXPECT_EQ(whole.error().code, Errc::cancelled);
}

// Archives of before have the digest of what was in such a file.
TEST(Cat, AGzipFileIsGivenAsItsDigestSays) {
  const std::string packed = decode_base64("H4sIAAAAAAAAA8tIzcnJ11HIQKIAn6HKCRMAAAA=").value();
  const std::string fields = "Content-Type: application/gzip\r\nContent-Encoding: gzip\r\n";
  const auto digest = [](std::string_view text) { return "sha256:" + web::sha256_hex(text); };
  test::SmallCrawl crawl;
  crawl.fetch("http://a/now.gz", "a", fields, packed, {.digest = digest(packed)});
  crawl.fetch("http://a/then.gz", "a", fields, packed, {.digest = digest("hello, hello, hello")});
  EXPECT_EQ(cat(crawl, "http://a/now.gz"), packed);
  EXPECT_EQ(cat(crawl, "http://a/then.gz"), "hello, hello, hello");
}

}  // namespace
}  // namespace trawl::service::cli
