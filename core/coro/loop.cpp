// Shutdown is cancelling the root, never stopping the context: stopped loops leave frames behind.
#include "core/coro/loop.hpp"

#include <boost/asio/post.hpp>

#include <stdexcept>

namespace trawl::coro {

Loop::Run::Run(Loop& of) : loop(of) {
  if (loop.root_) throw std::logic_error("the loop is running already");
  loop.root_ = std::make_shared<Child>();
}

Loop::Run::~Run() {
  loop.root_.reset();
  ++loop.runs_;
}

void Loop::cancel_run(std::uint64_t number) {
  asio::post(context_, [this, number] {
    if (root_ && runs_.load() == number) root_->cancel();
  });
}

// Not until the context has no work: an HTTP session watches its idle connections for ever.
void Loop::drive(const bool& ended) {
  context_.restart();
  std::exception_ptr escaped;
  while (!ended) {
    try {
      if (context_.run_one() == 0) break;
    } catch (...) {
      if (!escaped) escaped = std::current_exception();
      root_->cancel();
    }
  }
  if (escaped) std::rethrow_exception(escaped);
}

void Loop::throw_root_lost() {
  throw std::logic_error("the loop ran out of work before its root task ended");
}

}  // namespace trawl::coro
