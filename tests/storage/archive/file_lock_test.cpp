#include "storage/files/file_lock.hpp"

#include "core/base/result.hpp"
#include "tests/support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

namespace trawl::storage {
namespace {

using testing::HasSubstr;

std::optional<Error> refusal(const std::filesystem::path& path) {
  try {
    const FileLock lock{path};
    return std::nullopt;
  } catch (const Failure& failure) {
    return failure.error();
  }
}

TEST(FileLock, IsHeldByOneAndLeavesWhatIsInTheFile) {
  const support::TempDir dir;
  dir.write("part", "left by a kill");
  {
    const FileLock lock{dir / "part"};
    const auto refused = refusal(dir / "part");
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->code, Errc::in_use);
    EXPECT_THAT(refused->detail, HasSubstr("is being written by another trawl"));
  }
  EXPECT_FALSE(refusal(dir / "part"));
  EXPECT_EQ(dir.read("part"), "left by a kill");
}

TEST(FileLock, OfAFileThatWasRenamedIsNotThatOfTheName) {
  const support::TempDir dir;
  const FileLock lock{dir / "part"};
  std::filesystem::rename(dir / "part", dir / "whole");
  EXPECT_FALSE(refusal(dir / "part")) << "another file";
  EXPECT_TRUE(refusal(dir / "whole"));
}

TEST(FileLock, SaysWhyThereIsNone) {
  const support::TempDir dir;
  const auto refused = refusal(dir / "none/part");
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, Errc::io);
  EXPECT_THAT(refused->detail, HasSubstr("none/part"));
}

}  // namespace
}  // namespace trawl::storage
