#pragma once
// Content codings (RFC 9110 8.4): gzip, deflate (zlib or raw), br, zstd, stacked, with limits that
// count decoded bytes, so that a bomb ends at the limit and costs one window of memory.

#include "core/base/result.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace trawl::web {

struct DecodeLimits {
  std::uint64_t decoded_bytes_max = UINT64_MAX;
};

// Receives decoded bytes; false stops the decoding.
using DecodeOutput = std::function<bool(std::string_view)>;

class Decoder {
 public:
  // content_encoding: the header's value; empty or "identity" passes bytes through.
  // Errors: Errc::decode for an unknown coding or more than limits::content_codings_max.
  static Result<std::unique_ptr<Decoder>> create(std::string_view content_encoding,
                                                 DecodeLimits limits);
  virtual ~Decoder() = default;

  // Errors: Errc::decode (damaged), Errc::limit_exceeded (limit or ratio; what fits was delivered).
  virtual Result<> feed(std::string_view input, const DecodeOutput& output) = 0;
  // Errors: Errc::body_truncated when the coding's end was not reached.
  virtual Result<> finish(const DecodeOutput& output) = 0;
  // Bytes behind the end of a coding were ignored, as browsers do.
  virtual bool has_trailing_data() const = 0;
};

struct Decoded {
  std::string body;         // what could be decoded
  bool truncated = false;   // the limit was reached
  bool incomplete = false;  // the coded body ended early
};

// Whole bodies at once. Errors: Errc::decode.
Result<Decoded> decode_all(std::string_view content_encoding, std::string_view body,
                           DecodeLimits limits);

// What we offer to servers: "gzip, deflate, br, zstd".
std::string_view accept_encoding();

}  // namespace trawl::web
