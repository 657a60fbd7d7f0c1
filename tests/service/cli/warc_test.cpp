#include "service/cli/warc.hpp"

#include "core/base/result.hpp"
#include "service/cli/warc_extract.hpp"
#include "service/cli/warc_index.hpp"
#include "service/files/line_sorter.hpp"
#include "service/text/base64.hpp"
#include "tests/service/cli/small_crawl.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace trawl::service::cli {
namespace {

const std::string samples = TRAWL_SOURCE_DIR "/tests/conformance/warc/";

TEST(WarcVerify, GoodFilesGetALineEach) {
  TextOutput out, err;
  const WarcOptions options{{samples + "good--example.warc", samples + "good--example.warc.gz"}};
  EXPECT_EQ(run_warc_verify(options, out, err), ExitCode::ok);
  EXPECT_EQ(err.text, "");
  EXPECT_TRUE(out.text.starts_with(options.files[0] + ": ok, "));
  EXPECT_NE(out.text.find("\n" + options.files[1] + ": ok, "), std::string::npos);
}

TEST(WarcVerify, EveryFaultHasItsFileOffsetAndReason) {
  TextOutput out, err;
  const std::string bad = samples + "bad--example-digest.warc";
  EXPECT_EQ(run_warc_verify({{bad, samples + "good--example.warc"}}, out, err), ExitCode::damaged);
  EXPECT_NE(out.text.find(bad + ": offset "), std::string::npos);
  EXPECT_NE(out.text.find("digest does not match"), std::string::npos);
  EXPECT_NE(out.text.find("good--example.warc: ok"), std::string::npos);
}

TEST(WarcVerify, AFileThatCannotBeReadIsNoFault) {
  TextOutput out, err;
  const WarcOptions options{{"/nowhere/x.warc", samples + "good--example.warc"}};
  EXPECT_EQ(run_warc_verify(options, out, err), ExitCode::environment);
  EXPECT_NE(err.text.find("/nowhere/x.warc"), std::string::npos);
  EXPECT_NE(out.text.find(": ok"), std::string::npos);
}

TEST(WarcVerify, ALongListOfFaultsSaysThatItIsCut) {
  storage::WarcSummary summary{.bytes = 10, .records = 1, .types = {{"response", 1}}};
  summary.faults = {{5, "torn\x1b"}};
  summary.fault_count = 3;
  EXPECT_EQ(verify_report("a.warc", summary),
            "a.warc: 3 faults, 1 record (1 response), 10 B\n"
            "a.warc: offset 5: torn\\x1b\n"
            "a.warc: and 2 faults more\n");
}

// The lines as warcio 2.4.11 writes them, but for the key, which is pywb's.
TEST(WarcIndex, ALineHasWhatReplayToolsLookUp) {
  TextOutput out, err;
  EXPECT_EQ(run_warc_index({{samples + "good--example.warc.gz"}}, out, err), ExitCode::ok);
  EXPECT_EQ(out.text,
            R"(com,example)/ 20170306040206 {"url":"http://example.com/","mime":"text/html",)"
            R"("status":"200","digest":"G7HRM7BGOKSKMSXZAHMUQTTV53QOFSMK","length":"1228",)"
            R"("offset":"784","filename":"good--example.warc.gz"})"
            "\n"
            R"(com,example)/ 20170306040348 {"url":"http://example.com/","mime":"warc/revisit",)"
            R"("status":"200","digest":"G7HRM7BGOKSKMSXZAHMUQTTV53QOFSMK","length":"586",)"
            R"("offset":"2621","filename":"good--example.warc.gz"})"
            "\n");
}

TEST(WarcIndex, ResourcesAndWhatHasNoDigestAreIndexedToo) {
  TextOutput out, err;
  EXPECT_EQ(run_warc_index({{samples + "good--example-resource.warc.gz",
                             samples + "quirk--example-space-in-target-uri.warc.gz"}},
                           out, err),
            ExitCode::ok);
  EXPECT_THAT(out.text, testing::StartsWith("com,example)/ 20170429013030 "));
  EXPECT_THAT(out.text, testing::HasSubstr(R"("mime":"text/html","digest":"YXLHEZO6YIEPLHABGC)"));
  EXPECT_THAT(out.text, testing::HasSubstr("\nfile:///example%20with%20spaces.png 20190619161643 "
                                           R"({"url":"file:///example with spaces.png",)"));
}

TEST(WarcIndex, DamageIsToldAndTheOtherFilesAreIndexed) {
  TextOutput out, err;
  const std::string bad = samples + "bad--example-trunc.warc";
  EXPECT_EQ(
      run_warc_index({{"/nowhere/x.warc", bad, samples + "good--example.warc"}, true}, out, err),
      ExitCode::damaged);
  EXPECT_THAT(err.text, testing::HasSubstr("trawl: can't open /nowhere/x.warc"));
  EXPECT_THAT(err.text, testing::HasSubstr("trawl: " + bad + ", record at "));
  EXPECT_EQ(std::ranges::count(out.text, '\n'), 2);
  EXPECT_EQ(run_warc_index({{"/nowhere/x.warc"}}, out, err), ExitCode::environment);
}

// docs/faults.md row 72.
TEST(WarcIndex, WhatLiesBehindDamageIsIndexedAndCanBeExtracted) {
  std::ifstream file{samples + "good--example.warc.gz", std::ios::binary};
  std::string bytes{std::istreambuf_iterator<char>{file}, {}};
  bytes.replace(794, 16, 16, '\xff');  // the first response begins at 784
  const auto path = std::filesystem::temp_directory_path() / "trawl-damaged.warc.gz";
  std::ofstream{path, std::ios::binary} << bytes;
  TextOutput out, err, record;
  EXPECT_EQ(run_warc_index({{path.string()}}, out, err), ExitCode::damaged);
  EXPECT_THAT(out.text, testing::HasSubstr(R"("offset":"2621")"));
  EXPECT_EQ(std::ranges::count(out.text, '\n'), 1);
  EXPECT_EQ(std::ranges::count(err.text, '\n'), 1) << err.text;
  EXPECT_EQ(run_warc_extract({.file = path.string(), .url = "http://example.com/"}, record),
            ExitCode::ok);
  EXPECT_THAT(record.text, testing::HasSubstr("WARC-Type: revisit"));
  std::filesystem::remove(path);
}

TEST(LineSorter, LinesComeInTheOrderOfTheirBytesHoweverManyThereAre) {
  std::vector<std::string> expected;
  LineSorter sorter{10'000};
  for (unsigned i = 0; i < 5000; ++i) {
    const std::string line = std::to_string(i * 7919U % 4000U) + (i % 2 ? "\xff" : "a");
    expected.push_back(line + '\n');
    sorter.add(line);
  }
  std::ranges::sort(expected);
  expected.erase(std::unique(expected.begin(), expected.end()), expected.end());
  std::vector<std::string> sorted;
  sorter.finish([&](std::string_view line) {
    sorted.emplace_back(line);
    return true;
  });
  EXPECT_EQ(sorted, expected);
}

TEST(LineSorter, ItEndsWhenNobodyListens) {
  LineSorter sorter;
  sorter.add("a");
  sorter.add("b");
  int lines = 0;
  sorter.finish([&](std::string_view) { return ++lines < 1; });
  EXPECT_EQ(lines, 1);
  LineSorter().finish([](std::string_view) -> bool {
    ADD_FAILURE();
    return true;
  });
}

class WarcExtract : public testing::Test {
 protected:
  // The only WARC file of the crawl.
  std::string file() const {
    for (const auto& entry : std::filesystem::directory_iterator{crawl.folder() + "/warc"})
      return entry.path();
    return {};
  }
  std::string extract(WarcExtractOptions options) const {
    if (options.file.empty()) options.file = file();
    TextOutput out;
    EXPECT_EQ(run_warc_extract(options, out), ExitCode::ok);
    return out.text;
  }
  Error refusal(WarcExtractOptions options) const {
    if (options.file.empty()) options.file = file();
    TextOutput out;
    try {
      run_warc_extract(options, out);
    } catch (const Failure& failure) {
      return failure.error();
    }
    ADD_FAILURE() << "no refusal";
    return {};
  }

  test::SmallCrawl crawl;
};

TEST_F(WarcExtract, ARecordComesWholeOrInParts) {
  crawl.fetch("http://a/", "a", "X: 1\r\n", "hello");
  const std::string url = "http://a/";
  const std::string whole = extract({.url = url}), heads = extract({.url = url, .headers = true});
  EXPECT_THAT(whole, testing::StartsWith("WARC/1.1\r\nWARC-Type: response\r\n"));
  EXPECT_THAT(whole,
              testing::EndsWith("HTTP/1.1 200 OK\r\nX: 1\r\nContent-Length: 5\r\n\r\nhello"));
  EXPECT_EQ(heads + "hello", whole);
  EXPECT_EQ(extract({.url = url, .payload = true}), "hello");
  EXPECT_THAT(extract({.offset = 0}), testing::HasSubstr("WARC-Type: warcinfo"));
  EXPECT_TRUE(extract({.url = url, .raw = true}).starts_with("\x1f\x8b"));
}

TEST_F(WarcExtract, CodingsAreUndoneUnlessRaw) {
  // "hello, hello, hello" by gzip(1), and the same in chunks by another archiver.
  const std::string packed = *decode_base64("H4sIAAAAAAAAA8tIzcnJ11HIQKIAn6HKCRMAAAA=");
  crawl.fetch("http://a/z", "a", "Content-Encoding: gzip\r\n", packed);
  EXPECT_EQ(extract({.url = "http://a/z", .payload = true}), "hello, hello, hello");
  EXPECT_EQ(extract({.url = "http://a/z", .payload = true, .raw = true}), packed);
  const std::string chunked = samples + "good--example-iana.org-chunked.warc";
  const std::string page =
      extract({.file = chunked, .url = "http://www.iana.org/", .payload = true});
  EXPECT_THAT(page, testing::StartsWith("<!doctype html>"));
  EXPECT_THAT(page, testing::EndsWith("</html>\n"));
}

TEST_F(WarcExtract, ARevisitHasTheBodyOfItsOriginal) {
  std::string body;
  for (int i = 0; i < 999; ++i) body += std::to_string(i * i);
  crawl.fetch("http://a/1", "a", "X: 1\r\n", body);
  crawl.fetch("http://a/2", "a", "X: 2\r\n", body);
  EXPECT_THAT(extract({.url = "http://a/2"}), testing::HasSubstr("WARC-Type: revisit\r\n"));
  EXPECT_EQ(extract({.url = "http://a/2", .payload = true}), body);
  const Error lost =
      refusal({.file = samples + "good--example.warc.gz", .offset = 2621, .payload = true});
  EXPECT_EQ(lost.code, Errc::not_found);
  EXPECT_THAT(lost.detail, testing::HasSubstr("is that of http://example.com/"));
}

TEST_F(WarcExtract, WhatIsNotThereIsSaid) {
  crawl.fetch("http://a/", "a", "", "hello");
  EXPECT_EQ(refusal({}).code, Errc::usage);
  EXPECT_EQ(refusal({.url = "http://b/"}).code, Errc::not_found);
  EXPECT_EQ(refusal({.offset = 1 << 30}).code, Errc::not_found);
  EXPECT_EQ(refusal({.offset = 3}).code, Errc::damaged);
  EXPECT_EQ(refusal({.file = "/nowhere/x.warc", .offset = 0}).code, Errc::io);
}

}  // namespace
}  // namespace trawl::service::cli
