#pragma once
// LinkRoom: bounds what the links of a shard's pages hold in memory between reading a page and
// committing what it led to. A page of 100 KB can have 50,000 links, which take 40 MB, and many
// such pages may wait for the store at a time. Loop thread only.

#include "core/coro/event.hpp"
#include "core/coro/task.hpp"

#include <algorithm>
#include <cstddef>

namespace trawl::crawl {

class LinkRoom {
 public:
  LinkRoom(const coro::Executor& executor, std::size_t bytes_max)
      : bytes_max_(bytes_max),
        unknown_max_(std::max<std::size_t>(bytes_max / unknown_bytes, 1)),
        freed_(executor) {}

  // A page's part, from before it is read until what came of it is committed.
  class Share {
   public:
    explicit Share(LinkRoom& room) : room_(room) {}
    ~Share() { set(0); }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

    // Waits until those that are known leave room. One page always may be read.
    coro::Task<> enter();
    // For a page that is read on another thread, while others may begin: waits until few are, too.
    coro::Task<> enter_unknown();
    // What its links take: they are known now.
    void set(std::size_t bytes);
    std::size_t bytes() const { return bytes_; }

   private:
    LinkRoom& room_;
    std::size_t bytes_ = 0;
    bool is_unknown_ = false;
  };

  std::size_t used() const { return used_; }

 private:
  // About what 20,000 links take.
  static constexpr std::size_t unknown_bytes = 16 * 1024 * 1024;

  std::size_t bytes_max_;
  std::size_t unknown_max_;
  std::size_t used_ = 0;
  std::size_t unknown_ = 0;
  coro::Event freed_;
};

}  // namespace trawl::crawl
