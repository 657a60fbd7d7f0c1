#include "service/daemon/spare_memory.hpp"

#include "service/process_figures.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

#include <memory>
#include <vector>

namespace trawl::service {
namespace {

TEST(SpareMemory, GoesBackToTheSystemFromBetweenWhatIsInUse) {
  std::vector<std::unique_ptr<char[]>> blocks;
  for (int i = 0; i < 8192; ++i) blocks.push_back(std::make_unique<char[]>(16 * 1024));
  // A sanitizer's allocator says nothing of what it holds.
  if (::mallinfo2().uordblks == 0) GTEST_SKIP() << "not the allocator of the C library";
  EXPECT_FALSE(give_back_spare_memory()) << "all is in use";
  for (std::size_t i = 0; i < blocks.size(); ++i)
    if (i % 64 != 0) blocks[i].reset();
  const auto before = read_process_figures().resident_bytes;
  EXPECT_TRUE(give_back_spare_memory());
  EXPECT_LT(read_process_figures().resident_bytes + spare_memory_bytes_max, before);
}

}  // namespace
}  // namespace trawl::service
