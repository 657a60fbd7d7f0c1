// Who waits looks again at each end of another page: there are some hundreds at most.
#include "core/crawl/engine/link_room.hpp"

#include <utility>

namespace trawl::crawl {

coro::Task<> LinkRoom::Share::enter() {
  while (room_.used_ >= room_.bytes_max_) {
    room_.freed_.reset();
    auto waiting = room_.freed_.wait();
    co_await std::move(waiting);
  }
}

coro::Task<> LinkRoom::Share::enter_unknown() {
  while (room_.unknown_ >= room_.unknown_max_ || room_.used_ >= room_.bytes_max_) {
    room_.freed_.reset();
    auto waiting = room_.freed_.wait();
    co_await std::move(waiting);
  }
  ++room_.unknown_;
  is_unknown_ = true;
}

void LinkRoom::Share::set(std::size_t bytes) {
  const bool was_unknown = std::exchange(is_unknown_, false);
  if (was_unknown) --room_.unknown_;
  const bool less = bytes < bytes_;
  room_.used_ += bytes - bytes_;
  bytes_ = bytes;
  if (less || was_unknown) room_.freed_.set();
}

}  // namespace trawl::crawl
