#pragma once
// Framing: whether what came behind a head agrees with what the head says of it (RFC 9112 6).
// libcurl 7.88.1 calls many a bad body good: it drops bytes behind the length without a word and
// believes Transfer-Encoding where a Content-Length contradicts it. Told of the head and of bytes
// as they come; decides, reads nothing itself.

#include "core/base/error.hpp"
#include "core/base/result.hpp"
#include "core/http/message/chunk_scanner.hpp"
#include "core/http/message/message.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::http {

class Framing {
 public:
  // The final answer's head, whose Content-Length is one number or absent (ResponseHead sees to
  // that). Errors: Errc::protocol for a Transfer-Encoding that is no list of known codings or that
  // names chunked twice: nobody can say where such a body ends.
  // tls: a connection whose end has a word of its own.
  Result<> begin(std::string_view method, const Response& response, bool tls = false);

  bool is_chunked() const { return chunked_; }
  // Whether the body is whole although libcurl waits for more: with "Transfer-Encoding: identity",
  // which is no coding any more (RFC 9112 7), it does so to the connection's end.
  bool is_over() const { return identity_ && length_ && body_ >= *length_; }
  // Whether a body is to come at all (rules 1 and 2, and a length of 0).
  bool expects_body() const { return expects_body_; }
  // Bytes behind the head as they came, chunk sizes included, before libcurl looks at them.
  // Errors: Errc::protocol for damaged chunks; Errc::header_too_large for chunk sizes and
  // extensions that have outgrown any sense, in an answer that never gets to its body.
  Result<> on_raw(std::string_view bytes);
  // How many of so many bytes that libcurl calls body are: those behind a damaged chunk are not.
  std::size_t body_room(std::size_t bytes) const;
  void on_body(std::size_t bytes) { body_ += bytes; }
  // TLS said that the connection ends (close_notify). Without it anyone on the way may have ended
  // a body that has no other end; libcurl 7.88.1 takes it for whole.
  void on_tls_end() { tls_ended_ = true; }
  // There was more than the answer, which has no body. The bytes belong to nobody.
  void on_excess() { excess_ = true; }

  // Whether the next answer may be read from this connection: not when two readers could disagree
  // on where this one ends.
  bool keeps_connection() const { return !excess_ && !contradicts_ && !chunked_in_1_0_; }
  // When libcurl calls the transfer good: Errc::body_truncated when it is not.
  std::optional<Error> end() const;
  // When libcurl calls the body broken off: it is whole all the same, what is missing are trailers.
  bool lacks_only_trailers() const { return chunked_ && chunks_.has_last_chunk(); }
  // excess_bytes, cl_and_te, te_in_http_1_0.
  std::string note() const;

 private:
  std::optional<std::uint64_t> length_;  // announced, of a body that comes
  std::uint64_t raw_ = 0;
  std::uint64_t body_ = 0;
  bool expects_body_ = false;
  bool ends_with_tls_ = false;  // its end is that of the connection, which is TLS
  bool tls_ended_ = false;
  bool chunked_ = false;  // and nothing else
  ChunkScanner chunks_;
  bool chunked_in_1_0_ = false;
  bool identity_ = false;     // the one transfer coding
  bool contradicts_ = false;  // Content-Length and Transfer-Encoding
  bool excess_ = false;
};

}  // namespace trawl::http
