#include "tests/support/manual_clock.hpp"
#include "tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

namespace trawl::support {

TEST(ManualClock, BothHandsMoveTogetherAndOnlyWhenTurned) {
  ManualClock clock{Wall{Millis{5'000}}};
  const Mono start = clock.now();
  EXPECT_EQ(clock.now(), start);
  clock.advance(Millis{250});
  EXPECT_EQ(clock.now() - start, Millis{250});
  EXPECT_EQ(clock.wall(), Wall{Millis{5'250}});
  clock.advance_to(start);  // time never runs backwards
  EXPECT_EQ(clock.now() - start, Millis{250});
  clock.advance_to(start + Millis{1'000});
  EXPECT_EQ(clock.wall(), Wall{Millis{6'000}});
}

TEST(TempDir, IsGoneWithAllItsFilesAfterwards) {
  std::filesystem::path path;
  {
    const TempDir dir;
    path = dir.path();
    dir.write("a/b/c.txt", std::string_view{"x\0y", 3});
    EXPECT_EQ(dir.read("a/b/c.txt"), (std::string{"x\0y", 3}));
    EXPECT_THROW(dir.read("none"), std::runtime_error);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace trawl::support
