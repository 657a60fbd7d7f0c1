// Shutdown is cancelling the root, never stopping the context: stopped loops leave frames behind.
#include "core/coro/loop.hpp"

#include <boost/asio/post.hpp>

#include <stdexcept>

namespace trawl::coro {

void Loop::cancel() {
  asio::post(context_, [this] {
    if (root_) root_->cancel();
  });
}

void Loop::throw_root_lost() {
  throw std::logic_error("the loop ran out of work before its root task ended");
}

}  // namespace trawl::coro
