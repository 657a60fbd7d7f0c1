#pragma once
// CurlMulti: libcurl's multi interface on the event loop, by curl_multi_socket_action. The only
// files with libcurl's multi callbacks. Loop thread only. The loop must not be destroyed before it.

#include "core/coro/task.hpp"
#include "core/http/client/connection_ends.hpp"
#include "core/http/client/curl_entries.hpp"
#include "core/http/socket_poll.hpp"

#include <curl/curl.h>

#include <cstddef>
#include <memory>
#include <string_view>

namespace trawl::http {

// A transfer in a multi handle; CURLOPT_PRIVATE of its easy handle points to this.
class TransferEnd {
 public:
  // Called outside all callbacks of libcurl. The handle is still in the multi.
  virtual void on_done(CURLcode code) = 0;

 protected:
  ~TransferEnd() = default;
};

class CurlMulti final : private SocketPoll::Owner {
 public:
  // connections_max: idle connections kept for reuse; eviction of live ones costs 55 µs a request.
  CurlMulti(const coro::Executor& executor, SocketPoll& poll, long connections_max);
  ~CurlMulti();
  CurlMulti(const CurlMulti&) = delete;
  CurlMulti& operator=(const CurlMulti&) = delete;

  void add(CURL* easy);     // starts at the loop's next turn
  void remove(CURL* easy);  // ends the transfer at once, wherever it is
  // The transfer goes on after its write callback paused it. What libcurl holds back is delivered
  // in here; refused by the write callback, it is an error and libcurl says nothing more of it.
  [[nodiscard]] CURLcode resume(CURL* easy);

  // A connection's socket, from CURLOPT_OPENSOCKETFUNCTION and CURLOPT_CLOSESOCKETFUNCTION: these
  // stay registered between transfers.
  void on_socket_open(int fd);
  void on_socket_close(int fd);

  // Whether the kept connection with these ends has bytes that nobody has read.
  bool has_unread(std::string_view server_ip, int server_port, int own_port) const {
    return ends_.has_unread(server_ip, server_port, own_port);
  }

  std::size_t transfers() const { return transfers_; }
  std::size_t connections_opened() const { return connections_opened_; }
  // From now on a connection is closed with the end of its transfer.
  void keep_no_more();
  // What this handle is told of names.
  CurlEntries& names() { return names_; }

 private:
  struct State;

  static int socket_callback(CURL* easy, curl_socket_t fd, int what, void* self, void*);
  static int timer_callback(CURLM*, long timeout_ms, void* self);
  void on_ready(int fd, bool readable, bool writable, bool failed) override;
  void on_batch_end() override;
  void act(curl_socket_t fd, int mask);
  void on_timeout_wanted(long timeout_ms);
  void post_turn();
  void wait_for_due();
  void take_turn();
  void collect();

  SocketPoll& poll_;
  CURLM* multi_;
  std::size_t transfers_ = 0;
  std::size_t connections_opened_ = 0;
  CurlEntries names_;
  ConnectionEnds ends_;
  // Shared with pending handlers of the timer, which may run after this object is gone.
  std::shared_ptr<State> state_;
};

}  // namespace trawl::http
