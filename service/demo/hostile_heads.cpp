// Heads that are none, damaged, endless, or of an answer to another question.
#include "service/demo/hostile_parts.hpp"

#include <fmt/format.h>

namespace trawl::service::demo {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

constexpr Expected refused{.state = "failed", .error = "protocol"};
constexpr Expected unasked{.error = "protocol"};  // an answer, but no page
constexpr Expected gone{.state = "failed", .error = "reset"};
constexpr Expected too_large{.state = "failed", .error = "header_too_large"};

void add_not_http(Behaviours& all) {
  all.push_back({"http_0_9", 8, "sends a page without a head", refused, raw(page("HTTP/0.9"))});
  all.push_back({"ssh_banner", 8, "greets as an SSH server does", refused,
                 raw("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")});
  all.push_back({"http2_preface", 8, "answers in HTTP/2, unasked", refused,
                 raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")});
  all.push_back({"blank_lines_first", 8, "sends empty lines before the status line", refused,
                 raw("\r\n\r\n" + whole("", page("late")))});
  all.push_back({"empty_reply", 9, "closes without a byte", gone, steps({close()})});
  all.push_back({"reset_at_once", 9, "resets the connection", gone, steps({reset()})});
  all.push_back({"head_cut", 9, "closes in the middle of the head", gone,
                 raw("HTTP/1.1 200 OK\r\nContent-Type: text/ht")});
  all.push_back({"reset_in_body",
                 9,
                 "resets the connection after three bytes of the body",
                 {.state = "failed", .error = "body_truncated", .truncated = true},
                 steps({send(answer("Content-Length: 100\r\n", "abc")), wait(100ms), reset()})});
}

void add_damaged_heads(Behaviours& all) {
  all.push_back({"no_colon", 10, "sends a header line without a colon", refused,
                 raw("HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 0\r\n\r\n")});
  all.push_back({"space_first", 10, "begins its first header line with a space", refused,
                 raw("HTTP/1.1 200 OK\r\n X: a\r\nContent-Length: 0\r\n\r\n")});
  all.push_back({"nul_in_header", 10, "sends a NUL within a header", refused,
                 raw("HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n"s)});
  all.push_back({"bare_cr", 10, "hides a header line behind a CR", refused,
                 raw("HTTP/1.1 200 OK\r\nX: a\rSet-Cookie: b\r\nContent-Length: 0\r\n\r\n")});
  all.push_back({"status_999",
                 11,
                 "answers with status 999",
                 {},
                 raw(whole("", page("denied"), "999 Denied"))});
  all.push_back({"status_000", 11, "answers with status 000", refused,
                 raw(whole("", page("nothing"), "000 Nothing"))});
  all.push_back({"status_text", 11, "answers with a status that is no number", refused,
                 raw(whole("", page("abc"), "abc OK"))});
  all.push_back({"switches_protocols", 12, "answers 101, a switch that nobody asked for", refused,
                 raw("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n"
                     "\r\nxyz")});
  all.push_back({"not_modified", 12, "answers 304 to a first request", unasked,
                 raw("HTTP/1.1 304 Not Modified\r\n\r\n")});
  all.push_back({"partial_content", 12, "answers 206 to a request for the whole", unasked,
                 raw(whole("Content-Range: bytes 0-1/10\r\n", "ok", "206 Partial Content"))});
}

void add_large_heads(Behaviours& all) {
  all.push_back({"continues", 13, "sends 2,000 times 100 Continue first", too_large,
                 steps({send("HTTP/1.1 100 Continue\r\n\r\n", 2000),
                        send(whole("", page("at last"))), close()})});
  all.push_back({"long_header", 14, "sends a header line of 400 KB", too_large,
                 raw(answer("X: " + std::string(400'000, 'x') + "\r\n"))});
  all.push_back(
      {"many_headers", 14, "sends 20,000 header lines", too_large,
       steps({send("HTTP/1.1 200 OK\r\n"),
              send("X-Header: " + std::string(50, 'h') + "\r\n", 20'000), send("\r\n"), close()})});
  all.push_back(
      {"many_trailers",
       14,
       "sends 5,000 lines behind a chunked body",
       {.state = "failed", .error = "header_too_large", .truncated = true},
       steps({send(answer("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n")),
              send("X-Trailer: " + std::string(90, 't') + "\r\n", 5000), send("\r\n"), close()})});
  all.push_back({"endless_head", 14, "sends header lines for ever", too_large,
                 steps({send("HTTP/1.1 200 OK\r\n"), send("X-Header: again\r\n", for_ever)})});
  all.push_back({"header_bytes",
                 15,
                 "sends KOI8-R and escape codes in headers",
                 {},
                 raw(whole("X-Title: \xf0\xd2\xc9\xd7\xc5\xd4 \x1b[31m\r\nETag: \"\xc3\xa4\"\r\n",
                           page("headers")))});
}

}  // namespace

void add_heads(Behaviours& all) {
  add_not_http(all);
  add_damaged_heads(all);
  add_large_heads(all);
}

}  // namespace trawl::service::demo
