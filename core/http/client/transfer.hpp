#pragma once
// Transfer: one request in a multi handle. Its lifetime is its presence there: the constructor adds
// it, the destructor removes it; so return, exception and cancellation clean up alike. The only
// files with libcurl's easy callbacks.

#include "core/base/clock.hpp"
#include "core/coro/event.hpp"
#include "core/http/address/address_guard.hpp"
#include "core/http/client/curl_easy.hpp"
#include "core/http/client/curl_multi.hpp"
#include "core/http/client/first_connection.hpp"
#include "core/http/client/phase_watch.hpp"
#include "core/http/client/speed_limit.hpp"
#include "core/http/message/body_sink.hpp"
#include "core/http/message/framing.hpp"
#include "core/http/message/message.hpp"
#include "core/http/message/response_head.hpp"
#include "core/http/tls/http1_origins.hpp"
#include "core/http/tls/tls_end.hpp"

#include <memory>
#include <optional>
#include <string>

namespace trawl::http {

class Transfer final : private TransferEnd {
 public:
  struct Parts {
    CurlMulti& multi;
    const EasyMaker& easies;
    const AddressGuard& guard;
    const std::optional<Proxy>& proxy;
    CURLSH* tls_sessions;
    FirstConnections::Place* place;     // told when the connection stands; may be null
    Http1Origins& http1_origins;        // told when TLS chose HTTP/1.1
    HttpVersion version;                // what is asked for
    const Request& request;             // outlives the transfer
    curl_slist* headers;                // all but Host; outlives the transfer
    BodySink& sink;                     // outlives the transfer
    Pace& pace;                         // likewise
    curl_slist* names;                  // the host's addresses for CURLOPT_RESOLVE; outlives it too
    std::optional<Millis> resolved_in;  // how long those took; absent: libcurl resolves a name
  };
  Transfer(const coro::Executor& executor, Parts parts);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  // Set when the transfer is done, the sink wants a flush or the pace a pause.
  coro::Event& activity() { return activity_; }
  bool done() const { return code_.has_value() || stopped_.has_value() || ended_; }
  bool wants_flush() const { return paused_ || parts_.sink.wants_flush(); }
  bool is_ahead() const { return ahead_; }  // paused, of its pace
  // After a flush: goes on if it was paused. slowed: how long the pace held it up.
  void resume(Millis slowed);

  // When to look next whether a phase is over its time; and whether one is.
  Mono deadline() const { return watch_.deadline(); }
  std::optional<Errc> expired() { return watch_.expired(); }

  // The answer, or why there is none. Once, when done() or given up with `expired`.
  Result<Response> finish(std::optional<Errc> expired);
  // Whether that is because libcurl chose a connection that another transfer may be using, or on
  // which the server has said something since its last answer: nothing was sent.
  bool refused_connection() const { return refused_connection_; }
  // Whether that is because the process or the system has no file descriptor left for a socket.
  bool lacks_descriptor() const;

 private:
  void set_options();
  void set_method();
  // The callbacks of libcurl. noexcept, since no exception may cross it: out of memory ends trawl.
  void on_done(CURLcode code) override;
  bool is_whole(std::optional<Errc> expired) const;
  Error failure(std::optional<Errc> expired) const;
  bool may_connect(const curl_sockaddr& address);
  void note_tls();
  bool may_send();
  bool has_stale_bytes(const char* server_ip, int server_port, int own_port) const;
  void correct_version();
  Millis since_start_ms(CURLINFO info);
  void fill_facts();

  static std::size_t on_header(char* data, std::size_t, std::size_t count, void* self) noexcept;
  static std::size_t on_body(char* data, std::size_t, std::size_t count, void* self) noexcept;
  static int on_debug(CURL*, curl_infotype type, char* data, std::size_t count,
                      void* self) noexcept;
  static int on_request_ready(void* self, char* server_ip, char* own_ip, int server_port,
                              int own_port) noexcept;
  static int on_resolve(void*, void*, void*) noexcept;
  static curl_socket_t on_open(void* self, curlsocktype, curl_sockaddr* address) noexcept;
  static int on_close(void* multi, curl_socket_t fd) noexcept;

  bool add_header_line(std::string_view line);
  bool begin_answer();
  void add_raw(std::string_view bytes);
  void part_after_this();
  BodySink::Accepted add_body(std::string_view bytes);

  Parts parts_;
  Easy easy_;
  coro::Event activity_;
  PhaseWatch watch_;
  ResponseHead head_;
  Framing framing_;
  Response response_;
  bool answered_ = false;  // the final answer's head is in response_
  bool opened_ = false;    // a first socket was asked for
  enum class Alpn : std::uint8_t { unknown, http1, http2 } alpn_ = Alpn::unknown;
  bool refused_connection_ = false;
  bool tls_unread_ = false;                // decrypted before the request was sent
  std::string refused_address_;            // what the guard refused, while no address was allowed
  std::shared_ptr<const TlsEnd> tls_end_;  // of the connection, over TLS
  int open_errno_ = 0;                     // why the system gave no socket
  std::optional<Error> stopped_;  // we ended it: a bound is passed, or the head can't be taken
  bool body_stopped_ = false;     // we ended it: the sink has enough
  bool ended_ = false;            // the body is whole, and libcurl waits for more
  bool paused_ = false;
  bool ahead_ = false;
  std::optional<CURLcode> code_;
  char error_text_[CURL_ERROR_SIZE] = "";
};

}  // namespace trawl::http
