// The handler compares times: a timer that was set anew may have expired in the same instant. And
// it comes back: when the completion of a step of async_read() or async_write() is queued already,
// there is nothing to cancel, and the next step begins after that.
#include "service/control/deadline.hpp"

namespace trawl::service::control {
namespace {

constexpr std::chrono::milliseconds again{100};

}  // namespace

Deadline::Deadline(boost::asio::ip::tcp::socket& socket) : state_(std::make_shared<State>(socket)) {
  lift();
}

Deadline::~Deadline() {
  state_->socket = nullptr;
  state_->timer.cancel();
}

void Deadline::set(std::chrono::steady_clock::duration time) {
  state_->time = std::chrono::steady_clock::now() + time;
  state_->passed = false;
  state_->timer.expires_at(state_->time);
  wait(state_);
}

void Deadline::wait(const std::shared_ptr<State>& state) {
  state->timer.async_wait([state](const boost::system::error_code& error) {
    if (error || state->socket == nullptr || std::chrono::steady_clock::now() < state->time) return;
    state->passed = true;
    boost::system::error_code ignored;
    state->socket->cancel(ignored);
    state->timer.expires_after(again);
    wait(state);
  });
}

void Deadline::lift() {
  state_->time = std::chrono::steady_clock::time_point::max();
  state_->timer.cancel();
}

}  // namespace trawl::service::control
