// What goes wrong in such bridges: acting inside a callback, timers that are lost when they fire at
// once, and sockets that are not connections (the resolver's) staying registered. Here callbacks
// only note what libcurl wants; acting happens from handlers of the loop. libcurl changes its mind
// on the next timeout several times a transfer, and setting a kernel timer was measured at half of
// a fetch; so a turn at once is posted, and a pending wait is moved only forward.
#include "core/http/client/curl_multi.hpp"

#include "core/base/clock.hpp"
#include "core/http/client/action_watch.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <new>
#include <optional>
#include <utility>

namespace trawl::http {
namespace {

// Null for libcurl's internal handles.
TransferEnd* transfer_of(CURL* easy) {
  TransferEnd* transfer = nullptr;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
  return transfer;
}

}  // namespace

struct CurlMulti::State {
  explicit State(const coro::Executor& executor) : timer(executor) {}

  coro::asio::steady_timer timer;
  WatchedSockets connections;    // sockets that we opened
  std::optional<Mono> due;       // when libcurl wants its next turn
  std::optional<Mono> armed;     // when the pending wait ends, which may be sooner
  std::uint64_t wait_round = 0;  // a handler of an earlier wait does nothing
  bool turn_posted = false;
  bool closed = false;
};

CurlMulti::CurlMulti(const coro::Executor& executor, SocketPoll& poll, long connections_max)
    : poll_(poll), multi_(curl_multi_init()), state_(std::make_shared<State>(executor)) {
  if (multi_ == nullptr) throw std::bad_alloc();
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlMulti::socket_callback);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlMulti::timer_callback);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, connections_max);
}

CurlMulti::~CurlMulti() {
  state_->closed = true;
  // A timer armed on the way out would keep the loop running until it fires.
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, nullptr);
  state_->timer.cancel();
  curl_multi_cleanup(multi_);  // closes idle connections through on_socket_close
  poll_.forget_all(*this);
}

void CurlMulti::add(CURL* easy) {
  curl_multi_add_handle(multi_, easy);
  ++transfers_;
}

void CurlMulti::remove(CURL* easy) {
  curl_multi_remove_handle(multi_, easy);
  --transfers_;
}

CURLcode CurlMulti::resume(CURL* easy) {
  return curl_easy_pause(easy, CURLPAUSE_CONT);
}

void CurlMulti::keep_no_more() {
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, 1L);
}

void CurlMulti::on_socket_open(int fd) {
  ++connections_opened_;
  state_->connections.insert(fd);
}

void CurlMulti::on_socket_close(int fd) {
  state_->connections.erase(fd);
  ends_.forget(fd);
  poll_.forget(fd);
}

int CurlMulti::socket_callback(CURL*, curl_socket_t fd, int what, void* self, void*) {
  auto& multi = *static_cast<CurlMulti*>(self);
  if (what != CURL_POLL_REMOVE) {
    multi.poll_.watch(fd, what & CURL_POLL_IN, what & CURL_POLL_OUT, multi);
    return 0;
  }
  if (!multi.state_->connections.contains(fd)) {
    multi.poll_.forget(fd);
    return 0;
  }
  multi.poll_.watch(fd, false, false, multi);
  multi.ends_.note(fd);
  return 0;
}

int CurlMulti::timer_callback(CURLM*, long timeout_ms, void* self) {
  static_cast<CurlMulti*>(self)->on_timeout_wanted(timeout_ms);
  return 0;
}

void CurlMulti::on_timeout_wanted(long timeout_ms) {
  state_->due.reset();
  if (timeout_ms < 0) return;  // a pending wait ends in nothing
  if (timeout_ms == 0) return post_turn();
  state_->due = system_clock().now() + std::chrono::milliseconds(timeout_ms);
  if (!state_->armed || *state_->due < *state_->armed) wait_for_due();
}

void CurlMulti::post_turn() {
  if (std::exchange(state_->turn_posted, true)) return;
  coro::asio::post(state_->timer.get_executor(), [this, state = state_] {
    state->turn_posted = false;
    if (!state->closed) take_turn();
  });
}

void CurlMulti::wait_for_due() {
  const auto round = ++state_->wait_round;
  state_->armed = state_->due;
  state_->timer.expires_at(*state_->due);
  state_->timer.async_wait([this, round, state = state_](const boost::system::error_code&) {
    if (state->closed || state->wait_round != round) return;
    state->armed.reset();
    if (!state->due) return;
    if (*state->due > system_clock().now()) return wait_for_due();
    take_turn();
  });
}

void CurlMulti::take_turn() {
  state_->due.reset();
  act(CURL_SOCKET_TIMEOUT, 0);
  collect();
}

void CurlMulti::on_ready(int fd, bool readable, bool writable, bool failed) {
  act(fd, (readable ? CURL_CSELECT_IN : 0) | (writable ? CURL_CSELECT_OUT : 0) |
              (failed ? CURL_CSELECT_ERR : 0));
}

void CurlMulti::on_batch_end() {
  collect();
}

void CurlMulti::act(curl_socket_t fd, int mask) {
  int running = 0;
  const WatchedAction watched{state_->connections};
  curl_multi_socket_action(multi_, fd, mask, &running);
}

void CurlMulti::collect() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    TransferEnd* transfer = transfer_of(message->easy_handle);
    if (transfer != nullptr) transfer->on_done(message->data.result);
  }
}

}  // namespace trawl::http
