#include "service/cli/output.hpp"

#include "core/base/result.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

namespace trawl::service::cli {
namespace {

TEST(Output, WhatIsWrittenArrivesWhenFlushed) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  DescriptorOutput out{ends[1]};
  EXPECT_TRUE(out.write("ab"));
  EXPECT_TRUE(out.write("c"));
  EXPECT_TRUE(out.flush());
  std::array<char, 8> buffer{};
  EXPECT_EQ(::read(ends[0], buffer.data(), buffer.size()), 3);
  EXPECT_STREQ(buffer.data(), "abc");
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(Output, AReaderThatHasGoneEndsItQuietly) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  ::close(ends[0]);
  DescriptorOutput out{ends[1]};
  EXPECT_TRUE(out.write("abc"));
  EXPECT_FALSE(out.flush());
  EXPECT_FALSE(out.write("more"));
  EXPECT_FALSE(out.write(std::string(1 << 20, 'x')));
  ::close(ends[1]);
}

TEST(Output, AFullDiskIsAFailure) {
  const int fd = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  if (fd < 0) GTEST_SKIP() << "no /dev/full";
  DescriptorOutput out{fd};
  EXPECT_TRUE(out.write("abc"));
  try {
    out.flush();
    FAIL() << "flushed";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Errc::disk_full);
  }
  ::close(fd);
}

}  // namespace
}  // namespace trawl::service::cli
