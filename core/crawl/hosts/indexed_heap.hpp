#pragma once
// A binary min-heap of pointers whose elements know their own place in it, so that an element can
// be moved or taken out from anywhere in O(log n). Holds no objects, allocates only its array.
//
// Slot: a std::uint32_t member of T for this heap alone, initially `absent`. Key: member of T that
// orders the heap; change it only while the element is out, or call update() afterwards.

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace trawl::crawl {

template <class T, auto Key, std::uint32_t T::* Slot>
class IndexedHeap {
 public:
  static constexpr std::uint32_t absent = 0xFFFF'FFFF;

  bool empty() const { return items_.empty(); }
  std::size_t size() const { return items_.size(); }
  bool contains(const T& item) const { return item.*Slot != absent; }
  T& top() const { return *items_.front(); }

  // Inserts the item, or restores its place after its key has changed.
  void update(T& item) {
    if (!contains(item)) {
      item.*Slot = static_cast<std::uint32_t>(items_.size());
      items_.push_back(&item);
    }
    sift_down(sift_up(item.*Slot));
  }

  void erase(T& item) {
    if (!contains(item)) return;
    const std::uint32_t hole = item.*Slot;
    T* last = items_.back();
    items_.pop_back();
    item.*Slot = absent;
    if (last == &item) return;
    place(hole, last);
    sift_down(sift_up(hole));
  }

  // How many items satisfy `below`, which must hold for a prefix of the order. O(result).
  template <class Below>
  std::size_t count(const Below& below) const {
    std::size_t found = 0;
    std::vector<std::size_t> open{0};
    while (!open.empty()) {
      const std::size_t at = open.back();
      open.pop_back();
      if (at >= items_.size() || !below(*items_[at])) continue;
      ++found;
      open.push_back(2 * at + 1);
      open.push_back(2 * at + 2);
    }
    return found;
  }

 private:
  void place(std::uint32_t at, T* item) {
    items_[at] = item;
    item->*Slot = at;
  }

  std::uint32_t sift_up(std::uint32_t at) {
    T* item = items_[at];
    while (at > 0) {
      const std::uint32_t parent = (at - 1) / 2;
      if (!(item->*Key < items_[parent]->*Key)) break;
      place(at, items_[parent]);
      at = parent;
    }
    place(at, item);
    return at;
  }

  void sift_down(std::uint32_t at) {
    T* item = items_[at];
    for (;;) {
      std::uint32_t child = 2 * at + 1;
      if (child >= items_.size()) break;
      if (child + 1 < items_.size() && items_[child + 1]->*Key < items_[child]->*Key) ++child;
      if (!(items_[child]->*Key < item->*Key)) break;
      place(at, items_[child]);
      at = child;
    }
    place(at, item);
  }

  std::vector<T*> items_;
};

}  // namespace trawl::crawl
