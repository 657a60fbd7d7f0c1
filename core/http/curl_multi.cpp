// What goes wrong in such bridges: acting inside a callback, timers that are lost when they fire at
// once, and sockets that are not connections (the resolver's) staying registered. Here callbacks
// only note what libcurl wants; acting happens from handlers of the loop.
#include "core/http/curl_multi.hpp"

#include <boost/asio/steady_timer.hpp>

#include <new>
#include <unordered_set>

namespace trawl::http {

struct CurlMulti::State {
  explicit State(const coro::Executor& executor) : timer(executor) {}

  coro::asio::steady_timer timer;
  std::unordered_set<int> connections;  // sockets that we opened
  std::uint64_t timer_round = 0;        // a handler of an earlier round does nothing
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

void CurlMulti::on_socket_open(int fd) {
  state_->connections.insert(fd);
}

void CurlMulti::on_socket_close(int fd) {
  state_->connections.erase(fd);
  poll_.forget(fd);
}

int CurlMulti::socket_callback(CURL*, curl_socket_t fd, int what, void* self, void*) {
  auto& multi = *static_cast<CurlMulti*>(self);
  if (what == CURL_POLL_REMOVE && !multi.state_->connections.contains(fd))
    multi.poll_.forget(fd);
  else
    multi.poll_.watch(fd, what & CURL_POLL_IN, (what & CURL_POLL_OUT) && what != CURL_POLL_REMOVE,
                      multi);
  return 0;
}

int CurlMulti::timer_callback(CURLM*, long timeout_ms, void* self) {
  static_cast<CurlMulti*>(self)->arm_timer(timeout_ms);
  return 0;
}

void CurlMulti::arm_timer(long timeout_ms) {
  const auto round = ++state_->timer_round;
  if (timeout_ms < 0) {
    state_->timer.cancel();
    return;
  }
  state_->timer.expires_after(std::chrono::milliseconds(timeout_ms));
  state_->timer.async_wait([this, round, state = state_](const boost::system::error_code&) {
    if (state->closed || state->timer_round != round) return;
    act(CURL_SOCKET_TIMEOUT, 0);
    collect();
  });
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
  curl_multi_socket_action(multi_, fd, mask, &running);
}

void CurlMulti::collect() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    TransferEnd* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    if (transfer != nullptr) transfer->on_done(message->data.result);
  }
}

}  // namespace trawl::http
