#include "core/base/result.hpp"
#include "storage/forgetting.hpp"
#include "storage/warc/erase.hpp"
#include "storage/warc/verify.hpp"
#include "storage/warc/writer.hpp"
#include "temporary_folder.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace trawl::storage {
namespace {

using crawl::WarcCompression;

// What a file is read as, from its beginning to its end.
std::vector<WarcRecord> records_of(const std::filesystem::path& file) {
  std::vector<WarcRecord> records;
  const auto summary = verify_warc(
      file, [&](const WarcRecord& record, std::uint64_t) { records.push_back(record); });
  EXPECT_TRUE(summary && summary->fault_count == 0) << file;
  return records;
}

class WarcErase : public testing::TestWithParam<WarcCompression> {};

TEST_P(WarcErase, TheOthersStayWhereTheyAre) {
  const TemporaryFolder folder;
  FixedClock clock;
  std::vector<crawl::ArchivePosition> at;
  {
    WarcArchive archive({.output_dir = folder.path(), .job_name = "j", .compression = GetParam()},
                        clock);
    for (const char* name : {"first", "secret", "last"})
      at.push_back(
          append(archive, page(std::string("http://h/") + name, name + std::string(300'000, '-'))));
    archive.sync();
  }
  const auto file = folder.path() / at[1].file;
  const std::string before = read_file(file);
  const auto records_before = records_of(file);
  const std::vector<RecordRange> ranges{{at[1].offset, at[2].offset - at[1].offset}};
  for (int times = 0; times < 2; ++times) {
    erase_records(file, file, ranges);
    const std::string after = read_file(file);
    ASSERT_EQ(after.size(), before.size());
    EXPECT_EQ(after.substr(0, at[1].offset), before.substr(0, at[1].offset));
    EXPECT_EQ(after.substr(at[2].offset), before.substr(at[2].offset));
    EXPECT_FALSE(after.contains("secret"));
    int found = 0;
    for (const WarcRecord& record : records_of(file)) {
      found += record.header.target_uri.empty() ? 0 : 1;
      EXPECT_NE(record.header.target_uri, "http://h/secret");
    }
    EXPECT_EQ(found, 4);  // a response and a request of both that stay
  }
  ASSERT_EQ(records_before.size(), 7U);
}

// The copy that is changed in its place has another name for that time.
TEST_P(WarcErase, AFileThatABackupSharesIsReadAsBefore) {
  const TemporaryFolder folder, backup;
  FixedClock clock;
  std::vector<crawl::ArchivePosition> at;
  const auto held = OutputFolder::open(folder.path());
  {
    const auto store = held.open_store();
    WarcArchive archive({.output_dir = folder.path(), .job_name = "j", .compression = GetParam()},
                        clock);
    for (const char* name : {"first", "secret", "last"})
      at.push_back(append(archive, page(std::string("http://h/") + name, name)));
    archive.sync();
  }
  const auto file = folder.path() / at[1].file;
  const auto linked = backup.path() / file.filename();
  std::filesystem::create_hard_link(file, linked);
  const std::string before = read_file(file);
  EXPECT_TRUE(
      forget(held, {.records = {{at[1].file, {{at[1].offset, at[2].offset - at[1].offset}}}}}));
  EXPECT_EQ(read_file(linked), before);
  const std::string after = read_file(file);
  ASSERT_EQ(after.size(), before.size());
  EXPECT_EQ(after.substr(at[2].offset), before.substr(at[2].offset));
  std::vector<std::string> found;
  for (const WarcRecord& record : records_of(file))
    if (record.header.type == "response") found.push_back(record.header.target_uri);
  EXPECT_EQ(found, (std::vector<std::string>{"http://h/first", "http://h/last"}));
}

INSTANTIATE_TEST_SUITE_P(Forms, WarcErase,
                         testing::Values(WarcCompression::none, WarcCompression::gzip,
                                         WarcCompression::zstd));

// Around the largest block that deflate stores as it is, and around a digit more of a length.
TEST(WarcEraseLength, EveryLengthIsFilledUpExactly) {
  const TemporaryFolder folder;
  std::vector<std::uint64_t> lengths;
  for (std::uint64_t length = 300; length < 420; ++length) lengths.push_back(length);
  for (const std::uint64_t middle : {1'200, 10'250, 65'558, 65'800, 131'098})
    for (std::uint64_t length = middle - 40; length < middle + 40; ++length)
      lengths.push_back(length);
  for (const char* name : {"a.warc", "a.warc.gz", "a.warc.zst"}) {
    const auto file = folder.path() / name;
    for (const std::uint64_t length : lengths) {
      write_file(file, std::string(length, 'x'));
      erase_records(file, file, std::vector<RecordRange>{{0, length}});
      ASSERT_EQ(read_file(file).size(), length);
      const auto records = records_of(file);
      ASSERT_EQ(records.size(), file.extension() == ".zst" ? 0U : 1U) << name << " " << length;
      if (!records.empty()) EXPECT_EQ(records.front().header.type, "metadata");
    }
  }
}

TEST(WarcEraseLength, TooShortForARecordIsSaidAndNothingIsWrittenBehindTheEnd) {
  const TemporaryFolder folder;
  for (const char* name : {"a.warc", "a.warc.gz", "a.warc.zst"}) {
    const auto file = folder.path() / name;
    write_file(file, std::string(1000, 'x'));
    EXPECT_THROW(erase_records(file, file, std::vector<RecordRange>{{10, 7}}), Failure) << name;
    erase_records(file, file, std::vector<RecordRange>{{500, 1'000'000}});
    EXPECT_EQ(read_file(file).size(), 1000U);
    EXPECT_EQ(read_file(file).substr(0, 500), std::string(500, 'x'));
  }
}

}  // namespace
}  // namespace trawl::storage
