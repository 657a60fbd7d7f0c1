#include "storage/warc/verify.hpp"
#include "storage/warc/writer.hpp"
#include "temporary_folder.hpp"

#include <gtest/gtest.h>

namespace trawl::storage {
namespace {

class WarcRecovery : public testing::TestWithParam<crawl::WarcCompression> {
 protected:
  WarcArchive archive() {
    return WarcArchive({.output_dir = folder.path(), .job_name = "j", .compression = GetParam()},
                       clock);
  }

  TemporaryFolder folder;
  FixedClock clock;
};

// docs/faults.md row 71.
TEST_P(WarcRecovery, ATailTornAtAnyByteIsCutToTheMark) {
  std::vector<crawl::ArchiveMark> marks;
  std::string file;
  {
    auto writer = archive();
    append(writer, page("http://example.org/1", "one"));
    writer.sync();
    marks = writer.take_marks();
    file = append(writer, page("http://example.org/2", "two")).file;
    writer.sync();
  }
  const std::string whole = read_file(folder.path() / file);
  const std::uint64_t mark = marks.at(0).bytes;
  ASSERT_GT(whole.size(), mark);
  for (std::size_t size = mark; size <= whole.size(); ++size) {
    write_file(folder.path() / file, std::string_view(whole).substr(0, size));
    archive().recover(marks);
    ASSERT_EQ(read_file(folder.path() / file), whole.substr(0, mark)) << size;
  }
  const auto summary = verify_warc(folder.path() / file);
  EXPECT_EQ(summary->fault_count, 0u);
  EXPECT_EQ(summary->records, 3u);
}

// docs/faults.md row 71: the file has its length, but the end of it was never written.
TEST_P(WarcRecovery, ATailOfZerosIsCutToTheMarkAndFoundByTheCheck) {
  std::vector<crawl::ArchiveMark> marks;
  std::string file;
  {
    auto writer = archive();
    append(writer, page("http://example.org/1", "one"));
    writer.sync();
    marks = writer.take_marks();
    append(writer, page("http://example.org/2", "two"));
    file = append(writer, page("http://example.org/3", "three")).file;
    writer.sync();
  }
  const std::string whole = read_file(folder.path() / file);
  const std::uint64_t mark = marks.at(0).bytes;
  for (std::size_t from = mark; from < whole.size(); ++from) {
    std::string zeroed = whole;
    std::fill(zeroed.begin() + std::ptrdiff_t(from), zeroed.end(), '\0');
    write_file(folder.path() / file, zeroed);
    // Zeros can stand where zeros were.
    if (zeroed != whole) ASSERT_GT(verify_warc(folder.path() / file)->fault_count, 0u) << from;
    archive().recover(marks);
    ASSERT_EQ(read_file(folder.path() / file), whole.substr(0, mark)) << from;
  }
}

// docs/faults.md row 71.
TEST_P(WarcRecovery, ATornTailIsFoundAtEveryByte) {
  std::string file;
  {
    auto writer = archive();
    file = append(writer, page("http://example.org/1", "one")).file;
  }
  const std::string whole = read_file(folder.path() / file);
  std::vector<std::uint64_t> ends;
  (void)verify_warc(folder.path() / file, [&](const WarcRecord& record, std::uint64_t length) {
    ends.push_back(record.offset + length);
  });
  ASSERT_EQ(ends.size(), 3u);
  EXPECT_EQ(ends.back(), whole.size());
  for (std::size_t size = ends[0]; size < whole.size(); ++size) {
    write_file(folder.path() / file, std::string_view(whole).substr(0, size));
    const auto summary = verify_warc(folder.path() / file);
    ASSERT_TRUE(summary);
    const bool at_record = size == ends[0] || size == ends[1];
    EXPECT_EQ(summary->fault_count > 0, !at_record) << size;
    EXPECT_EQ(summary->records, size < ends[1] ? 1u : 2u) << size;
  }
}

// docs/faults.md row 72.
TEST_P(WarcRecovery, AFlippedBitHidesNoOtherRecord) {
  std::string file;
  {
    auto writer = archive();
    for (int i = 0; i < 3; ++i)
      file = append(writer, page("http://example.org/" + std::to_string(i), "body")).file;
  }
  const std::string whole = read_file(folder.path() / file);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> spans;
  (void)verify_warc(folder.path() / file, [&](const WarcRecord& record, std::uint64_t length) {
    spans.emplace_back(record.offset, length);
  });
  ASSERT_EQ(spans.size(), 7u);
  const auto [start, length] = spans[3];  // the second response
  for (std::uint64_t at = start; at < start + length; ++at) {
    std::string damaged = whole;
    damaged[at] ^= 0x10;
    write_file(folder.path() / file, damaged);
    std::size_t intact = 0;
    const auto summary = verify_warc(
        folder.path() / file,
        [&](const WarcRecord& record, std::uint64_t) { intact += record.offset != start; });
    ASSERT_TRUE(summary);
    // A longer length swallows what follows in a plain file; nothing but the block can tell.
    EXPECT_GE(intact, GetParam() != crawl::WarcCompression::none ? 6u : 3u) << at - start;
  }
}

TEST_P(WarcRecovery, FilesThatWereNeverCommittedAreRemoved) {
  std::vector<crawl::ArchiveMark> marks;
  std::string first, second;
  {
    auto writer = archive();
    first = append(writer, page("http://example.org/1", "one")).file;
    writer.sync();
    marks = writer.take_marks();
  }
  {
    auto writer = archive();
    second = append(writer, page("http://example.org/2", "two")).file;
    writer.sync();
  }
  write_file(folder / "warc/notes.txt", "mine");
  write_file(folder / "warc/other.warc.gz", "mine too");
  ASSERT_NE(first, second);
  auto writer = archive();
  writer.recover(marks);
  EXPECT_TRUE(std::filesystem::exists(folder.path() / first));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / second));
  EXPECT_TRUE(std::filesystem::exists(folder / "warc/notes.txt"));
  EXPECT_TRUE(std::filesystem::exists(folder / "warc/other.warc.gz"));
  // A serial is never used again.
  const auto third = append(writer, page("http://example.org/3", "three")).file;
  EXPECT_NE(third, first);
  EXPECT_NE(third, second);
}

// An archive of somebody else's that was put beside, or a store that was put back from a copy.
TEST_P(WarcRecovery, FilesThatTheStoreDoesNotKnowAreLeftAlone) {
  std::string ours;
  {
    auto writer = archive();
    ours = append(writer, page("http://example.org/1", "one")).file;
    writer.sync();
    static_cast<void>(writer.take_marks());
    EXPECT_TRUE(std::filesystem::exists(folder.path() / (ours + ".uncommitted")));
    writer.on_committed();
    EXPECT_FALSE(std::filesystem::exists(folder.path() / (ours + ".uncommitted")));
  }
  write_file(folder / "warc/library-20200101000000-00007.warc.gz", "theirs");
  auto writer = archive();
  writer.recover({});
  EXPECT_TRUE(std::filesystem::exists(folder.path() / ours));
  EXPECT_EQ(read_file(folder / "warc/library-20200101000000-00007.warc.gz"), "theirs");
  const auto next = append(writer, page("http://example.org/2", "two")).file;
  EXPECT_TRUE(next.contains("-00008.warc")) << next;
}

TEST_P(WarcRecovery, WhatABatchCommitsAfterOneThatFailedIsKept) {
  std::string file;
  {
    auto writer = archive();
    append(writer, page("http://example.org/1", "one"));
    writer.sync();
    static_cast<void>(writer.take_marks());
    writer.abandon_batch();
    file = append(writer, page("http://example.org/2", "two")).file;
    writer.on_committed();  // of nothing
    EXPECT_TRUE(std::filesystem::exists(folder.path() / (file + ".uncommitted")));
    writer.sync();
    static_cast<void>(writer.take_marks());
    writer.on_committed();
  }
  archive().recover({});
  EXPECT_TRUE(std::filesystem::exists(folder.path() / file));
}

// A full disk may refuse to remove a file; what is committed is so all the same. A folder that is
// not empty can't be removed by anybody.
TEST_P(WarcRecovery, ANoteThatCannotBeRemovedGoesLater) {
  std::vector<crawl::ArchiveMark> marks;
  std::filesystem::path file, note;
  auto writer = archive();
  const auto commit = [&](const std::string& url) {
    file = folder.path() / append(writer, page(url, "one")).file;
    note = file.string() + ".uncommitted";
    writer.sync();
    marks = writer.take_marks();
    if (std::filesystem::is_regular_file(note)) {
      std::filesystem::remove(note);
      write_file(note / "in the way", "");
    }
    EXPECT_NO_THROW(writer.on_committed());
  };
  commit("http://example.org/1");
  EXPECT_TRUE(std::filesystem::exists(note));
  commit("http://example.org/2");
  EXPECT_TRUE(std::filesystem::exists(note));
  std::filesystem::remove_all(note);
  write_file(note, "");
  append(writer, page("http://example.org/3", "one"));
  writer.sync();
  marks = writer.take_marks();
  writer.on_committed();
  EXPECT_FALSE(std::filesystem::exists(note));
  write_file(note, "");  // of a run that ended before it was removed
  archive().recover(marks);
  EXPECT_FALSE(std::filesystem::exists(note));
  EXPECT_TRUE(std::filesystem::exists(file));
}

TEST_P(WarcRecovery, AFileShorterThanItsMarkIsDamage) {
  std::vector<crawl::ArchiveMark> marks;
  {
    auto writer = archive();
    append(writer, page("http://example.org/1", "one"));
    writer.sync();
    marks = writer.take_marks();
  }
  const auto path = folder.path() / marks.at(0).file;
  std::filesystem::resize_file(path, marks[0].bytes - 1);
  const auto code = [&] {
    try {
      archive().recover(marks);
    } catch (const Failure& failure) {
      return failure.code();
    }
    return Errc::internal;
  };
  EXPECT_EQ(code(), Errc::damaged);
  EXPECT_EQ(std::filesystem::file_size(path), marks[0].bytes - 1);
  std::filesystem::remove(path);
  EXPECT_EQ(code(), Errc::damaged);
}

TEST_P(WarcRecovery, MarksCannotNameFilesElsewhere) {
  write_file(folder / "victim", "precious");
  archive().recover({{"warc/../victim", 1}, {"victim", 1}, {"files/a", 1}});
  EXPECT_EQ(read_file(folder / "victim"), "precious");
}

INSTANTIATE_TEST_SUITE_P(, WarcRecovery,
                         testing::Values(crawl::WarcCompression::gzip, crawl::WarcCompression::zstd,
                                         crawl::WarcCompression::none),
                         [](const auto& param_info) -> std::string {
                           if (param_info.param == crawl::WarcCompression::none) return "Plain";
                           return param_info.param == crawl::WarcCompression::gzip ? "Gzip"
                                                                                   : "Zstd";
                         });

}  // namespace
}  // namespace trawl::storage
