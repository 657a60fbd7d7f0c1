#include "core/coro/file.hpp"

#include "core/base/result.hpp"
#include "core/coro/guard.hpp"
#include "core/coro/timeout.hpp"
#include "tests/coro/trace.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace trawl::coro {
namespace {

class FileTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("trawl_file_test_" + std::to_string(::getpid()));
  Worker worker_{"files", 4};
};

Task<> write_twice(File& file) {
  co_await file.write("first line\r\nsecond ");
  co_await file.write("line\n\nlast without end");
  co_await file.sync();
}

Task<std::string> read_whole(File& file) {
  std::string text;
  for (;;) {
    auto reading = file.read(7);
    const std::string block = co_await std::move(reading);
    if (block.empty()) co_return text;
    text += block;
  }
}

Task<std::vector<std::string>> lines_of(Worker& worker, std::filesystem::path path) {
  auto lines = read_lines(worker, std::move(path), 12);
  std::vector<std::string> all;
  for (;;) {
    auto next = lines.next();
    auto line = co_await std::move(next);
    if (!line) co_return all;
    all.push_back(std::move(*line));
  }
}

Task<std::uint64_t> cut(File& file) {
  co_await file.truncate(5);
  auto sizing = file.size();
  co_return co_await std::move(sizing);
}

TEST_F(FileTest, WhatIsWrittenIsRead) {
  const auto path = folder_ / "a.txt";
  run_root(using_resource(File::open(worker_, path, File::Mode::write), write_twice));
  EXPECT_EQ(run_root(using_resource(File::open(worker_, path, File::Mode::read), read_whole)),
            "first line\r\nsecond line\n\nlast without end");
  EXPECT_EQ(run_root(lines_of(worker_, path)),
            (std::vector<std::string>{"first line", "second line", "", "last without"}));
  EXPECT_EQ(run_root(using_resource(File::open(worker_, path, File::Mode::append), cut)), 5u);
}

TEST_F(FileTest, APipeWithoutAWriterIsOpenedAndWaitedForUntilItIsCancelled) {
  const auto pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_FALSE(run_root(within(std::chrono::milliseconds{300}, lines_of(worker_, pipe))));
  const std::jthread writer{[&pipe] { std::ofstream{pipe} << "late\n"; }};
  EXPECT_EQ(run_root(lines_of(worker_, pipe)), (std::vector<std::string>{"late"}));
}

TEST_F(FileTest, ErrorsNameTheFileAndTheCause) {
  const auto missing = folder_ / "missing";
  try {
    run_root(File::open(worker_, missing, File::Mode::read));
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Errc::not_found);
    EXPECT_NE(std::string{failure.what()}.find(missing.string()), std::string::npos);
  }
}

TEST_F(FileTest, AFullDiskIsToldFromOtherErrors) {
  try {
    run_root(using_resource(File::open(worker_, "/dev/full", File::Mode::write), write_twice));
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Errc::disk_full);
  }
}

}  // namespace
}  // namespace trawl::coro
