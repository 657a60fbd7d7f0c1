// The handler compares times: a timer that was set anew may have expired in the same instant.
#include "service/control/deadline.hpp"

namespace trawl::service::control {

Deadline::Deadline(boost::asio::ip::tcp::socket& socket)
    : timer_(socket.get_executor()), state_(std::make_shared<State>(&socket)) {
  lift();
}

Deadline::~Deadline() {
  state_->socket = nullptr;
}

void Deadline::set(std::chrono::steady_clock::duration time) {
  state_->time = std::chrono::steady_clock::now() + time;
  state_->passed = false;
  timer_.expires_at(state_->time);
  timer_.async_wait([state = state_](const boost::system::error_code& error) {
    if (error || state->socket == nullptr || std::chrono::steady_clock::now() < state->time) return;
    state->passed = true;
    boost::system::error_code ignored;
    state->socket->cancel(ignored);
  });
}

void Deadline::lift() {
  state_->time = std::chrono::steady_clock::time_point::max();
  timer_.cancel();
}

}  // namespace trawl::service::control
