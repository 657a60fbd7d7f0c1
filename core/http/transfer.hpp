#pragma once
// Transfer: one request in a multi handle. Its lifetime is its presence there: the constructor adds
// it, the destructor removes it; so return, exception and cancellation clean up alike. The only
// files with libcurl's easy callbacks.

#include "core/base/clock.hpp"
#include "core/coro/event.hpp"
#include "core/http/address_guard.hpp"
#include "core/http/body_sink.hpp"
#include "core/http/curl_easy.hpp"
#include "core/http/curl_multi.hpp"
#include "core/http/message.hpp"
#include "core/http/response_head.hpp"

#include <optional>
#include <string>

namespace trawl::http {

class Transfer final : private TransferEnd {
 public:
  struct Parts {
    CurlMulti& multi;
    EasyPool& easies;
    const AddressGuard& guard;
    const Request& request;  // outlives the transfer
    curl_slist* headers;     // all but Host; outlives the transfer
    BodySink& sink;          // outlives the transfer
  };
  Transfer(coro::Executor executor, Parts parts);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  // Set when the transfer is done or the sink wants a flush.
  coro::Event& activity() { return activity_; }
  bool done() const { return code_.has_value(); }
  bool wants_flush() const { return paused_ || parts_.sink.wants_flush(); }
  // After a flush: goes on if it was paused.
  void resume();

  // The next instant at which a phase is over its time; and which error that would be.
  struct Deadline {
    Mono at;
    Errc error;
  };
  Deadline deadline() const;

  // The answer, or why there is none. Once, when done() or given up with `expired`.
  Result<Response> finish(std::optional<Errc> expired);

 private:
  void set_options();
  void on_done(CURLcode code) override;
  Error failure(std::optional<Errc> expired) const;
  Error failure_of_code() const;
  void fill_facts(Response& response) const;

  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static int on_request_ready(void* self, char*, char*, int, int);
  static curl_socket_t on_open(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int on_close(void* multi, curl_socket_t fd);

  Parts parts_;
  Easy easy_;
  coro::Event activity_;
  ResponseHead head_;
  Headers final_headers_;
  std::string refused_address_;   // what the guard refused
  std::optional<Error> stopped_;  // we ended it: header too large
  bool body_stopped_ = false;     // we ended it: the sink has enough
  bool begun_body_ = false;
  bool paused_ = false;
  Mono started_;
  Wall started_wall_;
  std::optional<Mono> resolved_;
  std::optional<Mono> request_sent_;
  std::optional<CURLcode> code_;
  char error_text_[CURL_ERROR_SIZE] = "";
};

}  // namespace trawl::http
