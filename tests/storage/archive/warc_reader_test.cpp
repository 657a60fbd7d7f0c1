// Files of other producers (tests/conformance/warc/SOURCES.md); the prefix of a name is the verdict
// of a strict checker.
#include "storage/warc/payload.hpp"
#include "storage/warc/verify.hpp"
#include "temporary_folder.hpp"
#include "tests/support/conformance_suite.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace trawl::storage {
namespace {

const std::filesystem::path samples = TRAWL_SOURCE_DIR "/tests/conformance/warc";

std::vector<std::filesystem::path> samples_named(const std::string& prefix) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(samples))
    if (entry.path().filename().string().starts_with(prefix)) found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

TEST(WarcVerify, GoodFilesPass) {
  const auto files = samples_named("good--");
  support::ConformanceSuite suite{"WARC: good files pass the check", "warc/good--*"};
  for (const auto& file : files) {
    const auto summary = verify_warc(file);
    ASSERT_TRUE(summary) << file;
    suite.expect(summary->records > 0 && summary->fault_count == 0, file.filename());
    for (const auto& fault : summary->faults)
      ADD_FAILURE() << file << " at " << fault.offset << ": " << fault.what;
  }
  EXPECT_EQ(suite.cases(), 9u);
}

TEST(WarcVerify, BadFilesAreFlagged) {
  const auto files = samples_named("bad--");
  support::ConformanceSuite suite{"WARC: bad files don't", "warc/bad--*"};
  for (const auto& file : files) {
    const auto summary = verify_warc(file);
    suite.expect(summary && summary->fault_count > 0, file.filename());
  }
  EXPECT_EQ(suite.cases(), 6u);
}

TEST(WarcVerify, StrangeFilesAreReadToTheEnd) {
  support::ConformanceSuite suite{"WARC: strange files are read", "warc/{quirk,gzip}--*"};
  for (const auto& file : samples_named("quirk--")) {
    const auto summary = verify_warc(file);
    suite.expect(summary && summary->records > 0, file.filename());
  }
  for (const auto& file : samples_named("gzip--")) {
    const auto summary = verify_warc(file);
    suite.expect(summary && summary->records == 0, file.filename());
  }
}

TEST(WarcVerify, AnEmptyFileIsAFault) {
  TemporaryFolder folder;
  write_file(folder / "empty.warc", "");
  EXPECT_EQ(verify_warc(folder / "empty.warc")->fault_count, 1u);
  EXPECT_EQ(verify_warc(folder / "absent.warc").error().code, Errc::io);
}

// WARC 1.1, clauses 5.11 to 5.13, 5.17 and 6.7.
TEST(WarcVerify, NamedFieldsMustSuitTheRecord) {
  TemporaryFolder folder;
  const auto fault = [&](const std::string& type, const std::string& fields) {
    write_file(folder / "a.warc", "WARC/1.1\r\nWARC-Type: " + type +
                                      "\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Date: 2026\r\n" +
                                      fields + "Content-Length: 0\r\n\r\n\r\n\r\n");
    const auto summary = verify_warc(folder / "a.warc");
    return summary->faults.empty() ? "" : summary->faults[0].what;
  };
  const std::string uri = "WARC-Target-URI: http://a/\r\n";
  const std::string profile =
      "WARC-Profile: http://netpreserve.org/warc/1.1/revisit/identical-payload-digest\r\n";
  const std::string digest = "WARC-Payload-Digest: sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ\r\n";
  EXPECT_EQ(fault("revisit", uri + profile + digest + "WARC-Refers-To: <urn:uuid:0>\r\n"), "");
  EXPECT_EQ(fault("revisit", uri + "WARC-Profile: http://example.org/mine\r\n"), "");
  EXPECT_EQ(fault("metadata", "WARC-Refers-To: <urn:uuid:0>\r\n"), "");
  EXPECT_EQ(fault("unheard-of", ""), "");
  EXPECT_EQ(fault("revisit", uri), "the revisit has no WARC-Profile");
  EXPECT_EQ(fault("revisit", uri + profile),
            "the revisit of an identical payload has no WARC-Payload-Digest");
  EXPECT_EQ(fault("revisit", uri + profile + digest + "WARC-Refers-To: <urn:uuid:1>\r\n"),
            "the record refers to itself");
  EXPECT_EQ(fault("metadata", "WARC-Refers-To: urn:uuid:0\r\n"),
            "WARC-Refers-To is no record id in angle brackets");
  EXPECT_EQ(fault("resource", ""), "WARC-Target-URI is missing");
  EXPECT_EQ(fault("response", uri + profile), "WARC-Profile is for revisits alone");
  EXPECT_EQ(fault("resource", uri + "WARC-Refers-To: <urn:uuid:0>\r\n"),
            "WARC-Refers-To is not for records of the type resource");
  EXPECT_EQ(fault("metadata", "WARC-Refers-To-Date: 2026\r\n"),
            "WARC-Refers-To-Date is for revisits alone");
}

// The names are a stranger's, and there may be one for each record.
TEST(WarcVerify, TypesThatAreTooManyOrTooLongAreCountedTogether) {
  TemporaryFolder folder;
  const auto record = [](const std::string& type, int id) {
    return "WARC/1.1\r\nWARC-Type: " + type +
           "\r\nWARC-Record-ID: <urn:uuid:" + std::to_string(id) +
           ">\r\nWARC-Date: 2026\r\nContent-Length: 0\r\n\r\n\r\n\r\n";
  };
  std::string text = record(std::string(65, 'x'), 0) + record(std::string(64, 'x'), 1);
  for (int i = 2; i < 1000; ++i) text += record("type-" + std::to_string(i), i);
  text += record("type-2", 1000);
  write_file(folder / "a.warc", text);
  const auto summary = verify_warc(folder / "a.warc");
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->records, 1001u);
  EXPECT_EQ(summary->fault_count, 0u);
  EXPECT_EQ(summary->types.size(), 64u);
  EXPECT_EQ(summary->types.at(std::string(64, 'x')), 1u);
  EXPECT_EQ(summary->types.at("type-2"), 2u);
  EXPECT_EQ(summary->types.at("other"), 1001u - 1 - 2 - 61);
}

TEST(WarcReader, ARecordIsReadAtItsOffset) {
  for (const auto* name : {"good--example.warc", "good--example.warc.gz", "good--example.warc.zst",
                           "good--example-dictionary.warc.zst"}) {
    std::vector<std::uint64_t> offsets;
    const auto summary = verify_warc(
        samples / name, [&](const WarcRecord& r, std::uint64_t) { offsets.push_back(r.offset); });
    ASSERT_GT(offsets.size(), 2u);
    auto reader = WarcReader::open(samples / name);
    ASSERT_TRUE(reader);
    std::size_t responses = 0;
    for (auto offset = offsets.rbegin(); offset != offsets.rend(); ++offset) {
      reader->seek(*offset);
      const auto record = reader->next();
      ASSERT_TRUE(record && *record);
      EXPECT_EQ((*record)->offset, *offset);
      if ((*record)->header.type != "response") continue;
      ++responses;
      EXPECT_TRUE(reader->read_http_head()->starts_with("HTTP/1.")) << *offset;
      EXPECT_EQ(reader->read_rest(0).error().code, Errc::limit_exceeded);
      EXPECT_FALSE(reader->read_rest()->empty());
      EXPECT_TRUE(reader->finish());
    }
    EXPECT_GT(responses, 0u);
  }
}

TEST(WarcReader, AnOffsetInTheMiddleIsAnErrorThatNamesFileAndOffset) {
  auto reader = WarcReader::open(samples / "good--example.warc.gz");
  reader->seek(7);
  const auto record = reader->next();
  ASSERT_FALSE(record);
  EXPECT_EQ(record.error().code, Errc::damaged);
  EXPECT_NE(record.error().detail.find("good--example.warc.gz, record at 7:"), std::string::npos);
}

TEST(PayloadSplitter, HeadAndChunksAreUndoneInAnyPieces) {
  const std::string block =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;ext=1\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\n\r\n";
  for (std::size_t step = 1; step <= block.size(); ++step) {
    PayloadSplitter splitter(true);
    std::string body, unchunked;
    for (std::size_t at = 0; at < block.size(); at += step)
      splitter.add(
          std::string_view(block).substr(at, step), [&](auto piece) { body.append(piece); },
          [&](auto piece) { unchunked.append(piece); });
    EXPECT_TRUE(splitter.chunked());
    EXPECT_EQ(body, block.substr(block.find("5;ext")));
    EXPECT_EQ(unchunked, "hello world");
  }
}

}  // namespace
}  // namespace trawl::storage
