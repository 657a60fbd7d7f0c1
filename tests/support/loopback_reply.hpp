#pragma once
// What a LoopbackServer answers, well-behaved or not, as plain values:
//   {.body = "hello"}                                    200 with a length
//   {.status = 503, .headers = {{"Retry-After", "2"}}}
//   {.body = page, .drip_bytes = 1, .drip_every = 10ms}  a byte every 10 ms
//   {.body = page, .cut = Cut::stall, .cut_after = 100}  100 bytes of it, then silence

#include "core/base/clock.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trawl::support {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

struct SeenRequest {
  std::string method;
  std::string target;  // as sent: path and query
  std::string path;    // without the query
  HeaderList headers;
  std::string body;
  Mono time{};                 // when its head was complete
  std::size_t connection = 0;  // counted from 1 in order of acceptance

  std::string_view header(std::string_view name) const;  // case-insensitive; empty when absent
};

// How an answer ends before its time.
enum class Cut {
  none,
  stall,  // silence on an open connection
  close,  // an orderly close
  reset,  // RST
};

struct Reply {
  int status = 200;
  HeaderList headers;  // added to Content-Type, Content-Length or Transfer-Encoding
  std::string body;
  std::string content_type = "text/html; charset=utf-8";  // empty: none is sent
  bool chunked = false;
  std::size_t chunk_bytes = 1024;
  bool close = false;          // "Connection: close", and does
  Millis delay{0};             // before the head
  std::size_t drip_bytes = 0;  // body bytes at a time; 0: all at once
  Millis drip_every{0};
  Cut cut = Cut::none;
  std::size_t cut_after = 0;       // body bytes sent before the cut
  bool cut_before_head = false;    // with stall: never answers; with reset: resets at once
  bool endless = false;            // the body repeats for ever, without a length
  std::optional<std::string> raw;  // sent as it is instead of all of the above; then closed
};

Reply redirect_to(std::string location, int status = 302);
Reply never_answer();
Reply reset_before_head();
Reply reset_after_head();

// What a connection does for a reply, in order.
struct Step {
  enum class Kind { send, wait, repeat, hang, close, reset };
  Kind kind = Kind::send;
  std::string bytes;  // send once; repeat: for ever
  Millis time{0};     // wait
};

// A pure function: the steps of answering that request.
std::vector<Step> steps_of(const Reply& reply, const SeenRequest& request);

}  // namespace trawl::support
