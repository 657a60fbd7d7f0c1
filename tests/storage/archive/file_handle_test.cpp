#include "storage/files/file_handle.hpp"

#include "tests/support/temp_dir.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <array>
#include <csignal>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::storage {
namespace {

// No file of this process may grow beyond so many bytes.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int) = std::signal(SIGXFSZ, SIG_IGN);
};

TEST(FileHandle, WritesPiecesOneAfterTheOther) {
  const support::TempDir dir;
  auto file = FileHandle::create(dir / "out");
  file.write_at(0, "0123456789");
  const std::array<std::string_view, 5> pieces{"", "ab", "", "c", "def"};
  file.write_at(3, pieces);
  EXPECT_EQ(dir.read("out"), "012abcdef9");
}

TEST(FileHandle, NothingIsNoWrite) {
  const support::TempDir dir;
  auto file = FileHandle::create(dir / "out");
  const std::array<std::string_view, 2> pieces{"", ""};
  file.write_at(7, pieces);
  file.write_at(7, "");
  EXPECT_EQ(file.size(), 0);
}

TEST(FileHandle, MorePiecesThanOneCallTakes) {
  const support::TempDir dir;
  auto file = FileHandle::create(dir / "out");
  std::vector<std::string> texts;
  std::string all;
  for (int i = 0; i < 3000; ++i) all += texts.emplace_back(std::to_string(i));
  file.write_at(0, std::vector<std::string_view>(texts.begin(), texts.end()));
  EXPECT_EQ(dir.read("out"), all);
}

TEST(FileHandle, WhatFitsOfThePiecesIsWrittenAndTheRestIsAnError) {
  const support::TempDir dir;
  auto file = FileHandle::create(dir / "out");
  const std::array<std::string_view, 3> pieces{"abc", "def", "ghi"};
  std::optional<Errc> code;
  {
    const FileSizeLimit limit{5};
    try {
      file.write_at(0, pieces);
    } catch (const Failure& failure) {
      code = failure.code();
    }
  }
  EXPECT_EQ(code, Errc::io);
  EXPECT_EQ(dir.read("out"), "abcde");
}

}  // namespace
}  // namespace trawl::storage
