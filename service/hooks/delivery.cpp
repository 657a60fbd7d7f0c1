// A receiver that is down for a minute must not cost an event, one that refuses it must not be
// asked again.
#include "service/hooks/delivery.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <charconv>
#include <chrono>

namespace trawl::service {
namespace {

constexpr Millis wait_min{1'000};
constexpr Millis wait_max{60'000};
constexpr std::int64_t retry_after_max_s = 300;

}  // namespace

std::string hmac_sha256_hex(std::string_view key, std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  ::HMAC(::EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &length);
  std::string hex;
  for (unsigned int i = 0; i < length; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

std::string hook_signature(std::string_view secret, std::int64_t timestamp, std::string_view body) {
  return "sha256=" + hmac_sha256_hex(secret, fmt::format("{}.{}", timestamp, body));
}

http::Headers hook_headers(std::string_view id, std::string_view kind, std::string_view secret,
                           std::int64_t timestamp, std::string_view body) {
  http::Headers headers{{"Content-Type", "application/json"},
                        {"X-Trawl-Event", std::string{kind}},
                        {"X-Trawl-Delivery", std::string{id}},
                        {"X-Trawl-Timestamp", fmt::format("{}", timestamp)}};
  if (!secret.empty())
    headers.emplace_back("X-Trawl-Signature", hook_signature(secret, timestamp, body));
  return headers;
}

bool is_delivered(int status) {
  return status >= 200 && status < 300;
}

std::optional<Millis> wait_before_retry(int attempts_made, int attempts_max, int status,
                                        std::string_view retry_after) {
  const bool passes = status == 0 || status == 408 || status == 425 || status == 429 ||
                      (status >= 500 && status <= 599);
  if (attempts_made >= attempts_max || !passes) return std::nullopt;
  std::int64_t seconds = 0;
  const auto [end, error] =
      std::from_chars(retry_after.data(), retry_after.data() + retry_after.size(), seconds);
  const bool asked =
      error == std::errc{} && end == retry_after.data() + retry_after.size() && seconds > 0;
  if (asked) return Millis{std::chrono::seconds{std::min(seconds, retry_after_max_s)}};
  const int doublings = std::clamp(attempts_made - 1, 0, 10);
  return std::min(wait_min * (1 << doublings), wait_max);
}

}  // namespace trawl::service
