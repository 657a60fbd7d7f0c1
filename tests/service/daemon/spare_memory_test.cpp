#include "service/daemon/spare_memory.hpp"

#include "service/process_figures.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace trawl::service {
namespace {

using Block = std::unique_ptr<char[]>;

TEST(SpareMemory, WhatAThreadLeavesBehindGoesBackToTheSystem) {
  bound_spare_memory();
  std::uint64_t most = 0;
  std::jthread{[&most] {
    {
      const auto large = std::make_unique<char[]>(24 * 1024 * 1024);  // this raises the threshold
    }
    std::vector<Block> blocks;
    for (int i = 0; i < 2048; ++i) blocks.push_back(std::make_unique<char[]>(16 * 1024));
    most = read_process_figures().resident_bytes;
  }}.join();
  // A sanitizer's allocator says nothing of what it holds, and keeps it.
  if (::mallinfo2().arena == 0) GTEST_SKIP() << "not the allocator of the C library";
  EXPECT_LT(read_process_figures().resident_bytes + 24 * 1024 * 1024, most);
}

TEST(SpareMemory, WhatIsFreeBetweenBlocksIsGivenBack) {
  bound_spare_memory();
  std::jthread{[] {
    std::vector<Block> blocks;
    for (int i = 0; i < 2048; ++i) {
      blocks.push_back(std::make_unique<char[]>(16 * 1024));
      std::fill_n(blocks.back().get(), 16 * 1024, 'x');
    }
    for (std::size_t i = 0; i < blocks.size(); i += 2) blocks[i].reset();
    if (::mallinfo2().arena == 0) GTEST_SKIP() << "not the allocator of the C library";
    const auto before = read_process_figures().resident_bytes;
    give_back_spare_memory();
    EXPECT_LT(read_process_figures().resident_bytes + 8 * 1024 * 1024, before);
  }}.join();
}

}  // namespace
}  // namespace trawl::service
