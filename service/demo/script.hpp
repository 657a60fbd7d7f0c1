#pragma once
// A script: what a server does with a connection once a request has come, step by step, as plain
// values. Raw bytes, so that answers can be wrong in any way.

#include "core/base/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace trawl::service::demo {

struct Step {
  enum class Kind : std::uint8_t {
    send,        // bytes, `times` times
    drip,        // bytes one by one, `time` between them
    wait,        // for `time`
    hang,        // silence until the client goes
    half_close,  // no more to send, still reading
    close,       // orderly; over TLS with a close_notify
    drop,        // the connection is gone; over TLS without a close_notify
    reset,       // RST
  };
  Kind kind = Kind::send;
  std::string bytes{};
  std::size_t times = 1;
  Millis time{0};
};

// Without close, drop or reset at its end the connection waits for the next request.
using Script = std::vector<Step>;

inline constexpr std::size_t for_ever = SIZE_MAX;

inline Step send(std::string bytes, std::size_t times = 1) {
  return {.bytes = std::move(bytes), .times = times};
}
inline Step drip(std::string bytes, Millis every) {
  return {.kind = Step::Kind::drip, .bytes = std::move(bytes), .time = every};
}
inline Step wait(Millis time) {
  return {.kind = Step::Kind::wait, .time = time};
}
inline Step hang() {
  return {.kind = Step::Kind::hang};
}
inline Step half_close() {
  return {.kind = Step::Kind::half_close};
}
inline Step close() {
  return {.kind = Step::Kind::close};
}
inline Step drop() {
  return {.kind = Step::Kind::drop};
}
inline Step reset() {
  return {.kind = Step::Kind::reset};
}

}  // namespace trawl::service::demo
