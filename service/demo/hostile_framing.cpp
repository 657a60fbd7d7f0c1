// Answers whose length is not what they say it is.
#include "service/demo/hostile_parts.hpp"

namespace trawl::service::demo {
namespace {

constexpr Expected cut{.state = "failed", .error = "body_truncated", .truncated = true};
constexpr Expected damaged{.state = "failed", .error = "protocol", .truncated = true};
constexpr Expected refused{.state = "failed", .error = "protocol"};
constexpr Expected excess{.note = "excess_bytes"};

constexpr const char* chunked = "Transfer-Encoding: chunked\r\n";

void add_cut_and_excess(Behaviours& all) {
  const std::string text = page("a page in part") + std::string(1000, 'x');
  all.push_back({"short_body", 1, "announces 2000 bytes and closes half way", cut,
                 raw(answer("Content-Length: 2000\r\n", text))});
  all.push_back({"half_close", 1, "announces 2000 bytes and stops sending half way", cut,
                 steps({send(answer("Content-Length: 2000\r\n", text)), half_close(), hang()})});
  all.push_back({"excess_bytes", 2, "sends 200 bytes where it announced 100", excess,
                 steps({send(answer("Content-Length: 100\r\n", std::string(200, 'a')))})});
  all.push_back({"excess_after_204", 2, "sends a body with a status that has none", excess,
                 steps({send("HTTP/1.1 204 No Content\r\n\r\nbytes that nobody asked for")})});
  all.push_back({"excess_after_chunks", 2, "goes on behind the last chunk", excess,
                 steps({send(answer(chunked, "5\r\nhello\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n"))})});
}

void add_lengths(Behaviours& all) {
  all.push_back({"length_and_chunks",
                 5,
                 "sends a Content-Length with a chunked body",
                 {.note = "cl_and_te"},
                 steps({send(answer("Transfer-Encoding: chunked\r\nContent-Length: 42\r\n",
                                    "5\r\nhello\r\n0\r\n\r\n"))})});
  all.push_back({"two_lengths", 6, "sends two Content-Lengths that differ", refused,
                 raw(answer("Content-Length: 5\r\nContent-Length: 7\r\n", "hello you"))});
  all.push_back({"length_with_dash", 7, "sends \"Content-Length: 3-\"", refused,
                 raw(answer("Content-Length: 3-\r\n", "hello"))});
  all.push_back({"length_overflow", 7, "sends a Content-Length of twenty digits", refused,
                 raw(answer("Content-Length: 99999999999999999999\r\n", "hello"))});
  all.push_back({"length_negative", 7, "sends a negative Content-Length", refused,
                 raw(answer("Content-Length: -3\r\n", "hello"))});
}

void add_chunks(Behaviours& all) {
  all.push_back({"chunk_not_hex", 3, "sends a chunk size that is no number", damaged,
                 raw(answer(chunked, "FAIL\r\nHello world!"))});
  all.push_back({"chunk_overflow", 3, "sends a chunk size of seventeen digits", damaged,
                 raw(answer(chunked, "FFFFFFFFFFFFFFFFF\r\nHello world!"))});
  all.push_back({"chunk_mismatch", 3, "sends a chunk that is longer than its size", damaged,
                 raw(answer(chunked, "5\r\nhello\r\n5\r\n world!\r\n0\r\n\r\n"))});
  all.push_back({"chunk_extension",
                 3,
                 "sends a chunk extension that never ends",
                 {.state = "failed", .error = "header_too_large", .truncated = true},
                 steps({send(answer(chunked, "5;")), send(std::string(4096, 'e'), for_ever)})});
  all.push_back({"no_last_chunk", 4, "closes without the last chunk", cut,
                 raw(answer(chunked, "5\r\nhello\r\n"))});
}

}  // namespace

void add_framing(Behaviours& all) {
  add_cut_and_excess(all);
  add_chunks(all);
  add_lengths(all);
}

}  // namespace trawl::service::demo
