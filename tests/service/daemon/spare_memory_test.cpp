#include "service/daemon/spare_memory.hpp"

#include "service/run/process_figures.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace trawl::service {
namespace {

using Block = std::unique_ptr<char[]>;
constexpr std::size_t block_bytes = 16 * 1024;

std::vector<Block> make_blocks(std::size_t count) {
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < count; ++i) {
    blocks.push_back(std::make_unique<char[]>(block_bytes));
    std::fill_n(blocks.back().get(), block_bytes, 'x');
  }
  return blocks;
}

std::uint64_t resident_bytes() {
  return read_process_figures().resident_bytes;
}

// A sanitizer's allocator keeps what is freed.
#if defined(TRAWL_WITH_TCMALLOC)
constexpr bool gives_back = true;
#else
constexpr bool gives_back = false;
#endif

TEST(SpareMemory, WhatAThreadLeavesBehindGoesBackToTheSystem) {
  if (!gives_back) GTEST_SKIP() << "a sanitizer's allocator";
  std::uint64_t most = 0;
  std::jthread{[&most] {
    const std::vector<Block> blocks = make_blocks(2048);
    most = resident_bytes();
  }}.join();
  give_back_spare_memory();
  EXPECT_LT(resident_bytes() + 24 * 1024 * 1024, most);
}

TEST(SpareMemory, WhatIsFreeBetweenBlocksIsGivenBack) {
  if (!gives_back) GTEST_SKIP() << "a sanitizer's allocator";
  std::jthread{[] {
    std::vector<Block> blocks = make_blocks(2048);
    for (std::size_t i = 0; i < blocks.size(); i += 2) blocks[i].reset();
    const auto before = resident_bytes();
    give_back_spare_memory();
    EXPECT_LT(resident_bytes() + 8 * 1024 * 1024, before);
  }}.join();
}

}  // namespace
}  // namespace trawl::service
