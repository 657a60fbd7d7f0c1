#pragma once
// How a webhook is signed, and when it is tried again. Pure.

#include "core/base/clock.hpp"
#include "core/http/message/message.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace trawl::service {

// HMAC-SHA256 (RFC 2104) in hex.
std::string hmac_sha256_hex(std::string_view key, std::string_view text);

// The value of X-Trawl-Signature: "sha256=" and the HMAC of "TIMESTAMP.BODY", so that a receiver
// can refuse what is old. timestamp: Unix seconds, as X-Trawl-Timestamp has them.
std::string hook_signature(std::string_view secret, std::int64_t timestamp, std::string_view body);

// The fields of one attempt; secret: empty for unsigned.
http::Headers hook_headers(std::string_view id, std::string_view kind, std::string_view secret,
                           std::int64_t timestamp, std::string_view body);

// Whether an answer means that the receiver has it.
bool is_delivered(int status);

// The wait before the next attempt; nothing: there is none. status: 0 when no answer came. Tried
// again is what may pass by itself: no answer, 408, 425, 429, 5xx. Waits double from 1 s to 60 s;
// a Retry-After in seconds is kept to up to 5 minutes.
std::optional<Millis> wait_before_retry(int attempts_made, int attempts_max, int status,
                                        std::string_view retry_after);

}  // namespace trawl::service
