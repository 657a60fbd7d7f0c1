#pragma once
// One HTTP exchange as values: what is asked, what came back, how long each phase took.

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trawl::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

// Header names are compared case-insensitively, ASCII only (RFC 9110 5.1).
bool same_name(std::string_view a, std::string_view b);

// The first value of a header, name compared case-insensitively; empty when absent.
std::string_view find_header(const Headers& headers, std::string_view name);

// How a body is coded: the codings of all Content-Encoding lines in the order in which they were
// applied, with commas between them (RFC 9110, 5.3 and 8.4); empty when it is not, as with
// identity, and for a file of gzip's (application/gzip) whose server calls that its coding.
std::string content_coding(const Headers& headers);
// The same, also of such a file.
std::string named_coding(const Headers& headers);

enum class HttpVersion : std::uint8_t { automatic, http1_1, http2, http3 };

struct Timeouts {
  Millis dns{5'000};
  Millis connect{10'000};
  Millis first_byte{30'000};
  Millis total{300'000};
  std::uint64_t min_speed_bytes_per_s = 1024;  // 0: off
  Millis min_speed_time{30'000};
};

struct Request {
  std::string url;  // as web::Url serialises it, without fragment
  std::string method = "GET";
  Headers headers;
  bool gives_back_cookie = false;  // its Cookie is what servers set: no secret of the job's owner
  std::string body;
  // Never sent twice: it goes over a new connection, since libcurl repeats a request by itself when
  // a kept one turns out to be closed.
  bool once = false;
  Timeouts timeouts;
  HttpVersion version = HttpVersion::automatic;
  bool tls_verify = true;
};

// Times since the start of the fetch; zero for a phase that did not happen.
struct Phases {
  Millis dns{0};
  Millis connect{0};
  Millis tls{0};
  Millis first_byte{0};
  Millis total{0};
};

struct Response {
  int status = 0;
  std::string http_version;   // "1.0", "1.1", "2"
  Headers headers;            // of the final answer, names as sent
  std::string request_head;   // what was sent, as HTTP/1.1 text, ends with an empty line
  std::string response_head;  // the final answer's status line and fields as received, ends with an
                              // empty line
  std::string ip;             // empty behind a proxy, whose address says nothing of the server
  std::string tls_version;    // "1.3"; empty without TLS
  std::string tls_cipher;     // "TLS_AES_128_GCM_SHA256", the name that the IANA registered
  Wall started{};
  Phases phases;
  std::uint64_t bytes_wire = 0;  // headers and body as received
  std::uint64_t bytes_body = 0;  // body after transfer decoding, before content decoding
  // Set when the answer broke off after its head; the sink has what came.
  std::optional<Error> broken;
  std::string note;  // what is odd about its framing (core/base/note.hpp); empty: nothing
};

}  // namespace trawl::http
