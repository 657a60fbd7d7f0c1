#include "core/crawl/hosts/indexed_heap.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

namespace trawl::crawl {
namespace {

struct Item {
  int key = 0;
  std::uint32_t slot = 0xFFFF'FFFF;
};
using Heap = IndexedHeap<Item, &Item::key, &Item::slot>;

}  // namespace

TEST(IndexedHeap, KeepsItsOrderUnderRandomChanges) {
  std::mt19937 random(3);
  std::vector<Item> items(200);
  std::multiset<int> model;
  Heap heap;
  for (int round = 0; round < 20'000; ++round) {
    Item& item = items[random() % items.size()];
    const bool was_in = heap.contains(item);
    if (was_in) model.erase(model.find(item.key));
    if (random() % 3 == 0) {
      heap.erase(item);
      EXPECT_FALSE(heap.contains(item));
    } else {
      item.key = static_cast<int>(random() % 1000);
      heap.update(item);
      model.insert(item.key);
    }
    ASSERT_EQ(heap.size(), model.size());
    ASSERT_EQ(heap.empty(), model.empty());
    if (!model.empty()) ASSERT_EQ(heap.top().key, *model.begin());
  }
}

TEST(IndexedHeap, CountsAPrefixOfItsOrder) {
  std::vector<Item> items(100);
  Heap heap;
  EXPECT_EQ(heap.count([](const Item&) { return true; }), 0U);
  for (int i = 0; i < 100; ++i) {
    items[static_cast<std::size_t>(i)].key = (i * 37) % 100;
    heap.update(items[static_cast<std::size_t>(i)]);
  }
  EXPECT_EQ(heap.count([](const Item& item) { return item.key < 30; }), 30U);
  EXPECT_EQ(heap.count([](const Item&) { return true; }), 100U);
}

}  // namespace trawl::crawl
