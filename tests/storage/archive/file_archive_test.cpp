#include "core/web/coding/decode.hpp"
#include "storage/files/writer.hpp"
#include "temporary_folder.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <zlib.h>

#include <csignal>

namespace trawl::storage {
namespace {

std::string gzip(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = uInt(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = uInt(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string varied(std::size_t bytes) {
  std::string text;
  for (std::size_t i = 0; text.size() < bytes; ++i) text += std::to_string(i * 2654435761u);
  text.resize(bytes);
  return text;
}

std::size_t files_in(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(folder)) return 0;
  return std::size_t(std::distance(std::filesystem::directory_iterator(folder), {}));
}

class FileArchiveTest : public testing::Test {
 protected:
  crawl::Exchange coded_page(const std::string& url, const std::string& body, bool in_file) {
    auto exchange = page(url, body);
    exchange.content_encoding = "gzip";
    if (in_file) move_to_file(exchange);
    return exchange;
  }
  void move_to_file(crawl::Exchange& exchange) {
    exchange.body_file = folder / ("tmp/transfer-" + std::to_string(++transfers));
    write_file(exchange.body_file, exchange.body);
    exchange.body.clear();
  }

  TemporaryFolder folder;
  FileArchive archive{{.output_dir = folder.path()}};
  int transfers = 0;
};

TEST_F(FileArchiveTest, BodiesGetTheirNamesAtSync) {
  const auto position = append(archive, page("https://e.org/a/b.html", "hello"));
  EXPECT_EQ(position, (crawl::ArchivePosition{"files/e.org/a/b.html", 0, 5}));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / position.file));
  archive.sync();
  EXPECT_EQ(read_file(folder.path() / position.file), "hello");
  EXPECT_EQ(files_in(folder / "tmp"), 0u);
  EXPECT_TRUE(archive.take_marks().empty());
}

// As the server has them; where a file would be another's folder, the later one goes aside, within
// a batch and in later ones.
TEST_F(FileArchiveTest, ServerNamesThatMeetGoAside) {
  FileArchive as_served{{.output_dir = folder.path(), .names = crawl::FileNames::server}};
  EXPECT_EQ(append(as_served, page("https://e.org/README", "1")).file, "files/e.org/README");
  const auto below = append(as_served, page("https://e.org/README/x", "2"));
  EXPECT_TRUE(below.file.starts_with("files/e.org~/")) << below.file;
  EXPECT_EQ(append(as_served, page("https://e.org/dir/x", "3")).file, "files/e.org/dir/x");
  as_served.sync();
  EXPECT_TRUE(append(as_served, page("https://e.org/dir", "4")).file.starts_with("files/e.org~/"));
  EXPECT_EQ(append(as_served, page("https://e.org/README/x", "5")).file, below.file);
  EXPECT_EQ(append(as_served, page("https://e.org/README", "6")).file, "files/e.org/README");
  as_served.sync();
  EXPECT_EQ(read_file(folder / "files/e.org/README"), "6");
  EXPECT_EQ(read_file(folder.path() / below.file), "5");
}

// As downloaders have it, for those who compare and copy by it.
TEST_F(FileArchiveTest, FilesHaveTheTimeThatTheServerNames) {
  const auto modified_at = [this](const char* last_modified) {
    auto exchange = page("https://e.org/a", "hello");
    exchange.response.headers = {{"Last-Modified", last_modified}};
    const auto position = append(archive, exchange);
    archive.sync();
    return FileHandle::open_for_reading(folder.path() / position.file).modified();
  };
  EXPECT_EQ(modified_at("Tue, 01 Feb 2022 10:20:30 GMT"), Wall{Millis{1'643'710'830'000}});
  // What can't be is passed over.
  for (const char* none : {"Tue, 01 Feb 2039 10:20:30 GMT", "yesterday"})
    EXPECT_LT(std::chrono::abs(modified_at(none) - system_clock().wall()), Millis{60'000}) << none;
}

TEST_F(FileArchiveTest, WhatWasReplacedComesBackWhenItsBatchWasNotCommitted) {
  const std::string url = "https://e.org/a/b.html";
  const auto file = folder.path() / append(archive, page(url, "first")).file;
  archive.sync();
  archive.on_committed();
  append(archive, page(url, "second"));
  archive.sync();
  const auto second = archive.take_marks();
  ASSERT_EQ(second.size(), 1U);
  archive.on_committed();
  EXPECT_EQ(files_in(folder / "tmp"), 0u);
  append(archive, page(url, "third"));
  archive.sync();
  const auto third = archive.take_marks();
  EXPECT_EQ(read_file(file), "third");
  // A crash: what was on its way to the database is not there, or it is.
  for (const bool committed : {true, false}) {
    const auto copy = folder / (committed ? "with" : "without");
    std::filesystem::create_directories(copy);
    for (const char* part : {"files", "tmp"})
      std::filesystem::copy(folder / part, copy / part, std::filesystem::copy_options::recursive);
    FileArchive next{{.output_dir = copy}};
    next.recover(committed ? third : second);
    EXPECT_EQ(read_file(copy / "files/e.org/a/b.html"), committed ? "third" : "second");
    EXPECT_EQ(files_in(copy / "tmp"), 0u);
  }
}

// Whoever removes a part of the tree meanwhile is not asked to make it again by hand.
TEST_F(FileArchiveTest, WhatWasReplacedComesBackWhereItsFolderIsGone) {
  write_file(folder / "tmp/replaced-1/files/e.org/a/b.html", "first");
  FileArchive{{.output_dir = folder.path()}}.recover({});
  EXPECT_EQ(read_file(folder / "files/e.org/a/b.html"), "first");
  EXPECT_EQ(files_in(folder / "tmp"), 0u);
}

// A kept file that somebody has on another disk: neither the link nor what it leads to is lost.
TEST_F(FileArchiveTest, ALinkThatWasReplacedComesBackAsOne) {
  const std::string url = "https://e.org/a/b.html";
  const auto file = folder.path() / append(archive, page(url, "first")).file;
  archive.sync();
  archive.on_committed();
  for (const bool dangling : {false, true}) {
    const auto moved = folder / (dangling ? "nowhere" : "moved");
    if (!dangling) std::filesystem::rename(file, moved);
    std::filesystem::remove(file);
    std::filesystem::create_symlink(moved, file);
    append(archive, page(url, "second"));
    archive.sync();
    EXPECT_EQ(read_file(file), "second");
    EXPECT_EQ(std::filesystem::exists(moved), !dangling);
    FileArchive{{.output_dir = folder.path()}}.recover({});
    ASSERT_TRUE(std::filesystem::is_symlink(file)) << dangling;
    EXPECT_EQ(std::filesystem::read_symlink(file), moved);
    EXPECT_EQ(read_file(file), dangling ? "" : "first");
    archive.on_committed();
  }
}

TEST_F(FileArchiveTest, CodedBodiesAreDecoded) {
  const std::string text = varied(5'000'000);
  const auto small = append(archive, coded_page("https://e.org/1", gzip("hello"), false));
  const auto large = append(archive, coded_page("https://e.org/2", gzip(text), false));
  const auto in_file = append(archive, coded_page("https://e.org/3", gzip(text), true));
  archive.sync();
  EXPECT_EQ(read_file(folder.path() / small.file), "hello");
  EXPECT_TRUE(read_file(folder.path() / large.file) == text);
  EXPECT_TRUE(read_file(folder.path() / in_file.file) == text);
  EXPECT_EQ(in_file.length, text.size());
  EXPECT_EQ(files_in(folder / "tmp"), 0u);
}

TEST_F(FileArchiveTest, ABodyFileWithoutCodingIsRenamed) {
  auto exchange = page("https://e.org/big.bin", varied(1'000'000));
  const std::string body = exchange.body;
  move_to_file(exchange);
  const auto inode = [](const std::filesystem::path& path) {
    struct stat status{};
    stat(path.c_str(), &status);
    return status.st_ino;
  };
  const auto before = inode(exchange.body_file);
  const auto position = append(archive, exchange);
  archive.sync();
  EXPECT_EQ(inode(folder.path() / position.file), before);
  EXPECT_TRUE(read_file(folder.path() / position.file) == body);
}

TEST_F(FileArchiveTest, WhatCannotBeDecodedIsKeptAsItCame) {
  std::string damaged = gzip(varied(500'000));
  damaged[damaged.size() / 2] ^= 0x55;
  for (const bool in_file : {false, true}) {
    const std::string url = in_file ? "https://e.org/1" : "https://e.org/2";
    const auto position = append(archive, coded_page(url, damaged, in_file));
    archive.sync();
    EXPECT_TRUE(read_file(folder.path() / position.file) == damaged) << in_file;
    EXPECT_EQ(position.length, damaged.size());
  }
  auto unknown = page("https://e.org/3", "coded");
  unknown.content_encoding = "compress";
  const auto position = append(archive, unknown);
  archive.sync();
  EXPECT_EQ(read_file(folder.path() / position.file), "coded");
}

TEST_F(FileArchiveTest, DecodingStopsAtTheLimit) {
  FileArchive limited{{.output_dir = folder.path(), .decoded_bytes_max = 1000}};
  for (const bool in_file : {false, true}) {
    const std::string url = in_file ? "https://e.org/1" : "https://e.org/2";
    const auto position = append(limited, coded_page(url, gzip(varied(50'000)), in_file));
    limited.sync();
    EXPECT_EQ(read_file(folder.path() / position.file), varied(1000));
  }
}

TEST_F(FileArchiveTest, APageFetchedAgainReplacesItsFile) {
  const auto first = append(archive, page("https://e.org/x", "old"));
  archive.sync();
  const auto second = append(archive, page("https://e.org/x", "newer"));
  EXPECT_EQ(read_file(folder.path() / first.file), "old");
  archive.sync();
  EXPECT_EQ(first.file, second.file);
  EXPECT_EQ(read_file(folder.path() / second.file), "newer");
}

TEST_F(FileArchiveTest, LargeBatchesArePublishedWhole) {
  for (int i = 0; i < 200; ++i)
    append(archive, page("https://e.org/" + std::to_string(i % 7) + "/" + std::to_string(i) + ".x",
                         std::to_string(i)));
  archive.sync();
  EXPECT_EQ(read_file(folder / "files/e.org/3/199.x"), "199");
  EXPECT_EQ(read_file(folder / "files/e.org/0/0.x"), "0");
  EXPECT_EQ(files_in(folder / "tmp"), 0u);
}

TEST_F(FileArchiveTest, RecoveryRemovesOnlyWhatWasInFlight) {
  write_file(folder / "tmp/left", "over");
  write_file(folder / "files/e.org/kept.html", "kept");
  archive.recover({{"files/e.org/kept.html", 1}});
  EXPECT_EQ(files_in(folder / "tmp"), 0u);
  EXPECT_EQ(read_file(folder / "files/e.org/kept.html"), "kept");
}

TEST_F(FileArchiveTest, ABatchThatWasNeverSyncedLeavesNothing) {
  {
    FileArchive abandoned{{.output_dir = folder.path()}};
    append(abandoned, page("https://e.org/x", "body"));
    EXPECT_EQ(files_in(folder / "tmp"), 1u);
  }
  EXPECT_EQ(files_in(folder / "tmp"), 0u);
}

TEST_F(FileArchiveTest, AFailedAppendLeavesNothingAndCanBeRepeated) {
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit old{};
  getrlimit(RLIMIT_FSIZE, &old);
  const rlimit tight{100'000, old.rlim_max};
  const auto in_memory = archive.prepare(page("https://e.org/1", varied(300'000)));
  const auto in_file = archive.prepare(coded_page("https://e.org/2", gzip(varied(300'000)), true));
  setrlimit(RLIMIT_FSIZE, &tight);
  int failures = 0;
  for (crawl::Prepared* prepared : {in_memory.get(), in_file.get()}) {
    try {
      archive.append(*prepared);
    } catch (const Failure& failure) {
      failures += failure.code() == Errc::io;
    }
  }
  setrlimit(RLIMIT_FSIZE, &old);
  EXPECT_EQ(failures, 2);
  EXPECT_EQ(files_in(folder / "tmp"), 1u);  // the coded body, which is still wanted
  archive.append(*in_memory);
  const auto position = archive.append(*in_file);
  archive.sync();
  EXPECT_TRUE(read_file(folder.path() / position.file) == varied(300'000));
}

}  // namespace
}  // namespace trawl::storage
