// The first byte picks the coding, the second the piece size. A body fed in pieces decodes to the
// same bytes as in one, and neither passes the limit.
#include "core/web/coding/decode.hpp"

#include <algorithm>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace trawl::web;
  if (size < 2) return 0;
  constexpr const char* codings[] = {"gzip", "deflate", "br", "zstd", "gzip, br", "deflate, gzip"};
  constexpr DecodeLimits limits{.decoded_bytes_max = 1 << 20};
  const char* coding = codings[data[0] % std::size(codings)];
  const std::size_t step = std::size_t(data[1]) + 1;
  std::string_view body(reinterpret_cast<const char*>(data) + 2, size - 2);

  const auto whole = decode_all(coding, body, limits);
  if (whole && whole->body.size() > limits.decoded_bytes_max) std::abort();

  std::string pieces;
  const DecodeOutput output = [&](std::string_view bytes) {
    pieces.append(bytes);
    return true;
  };
  auto decoder = Decoder::create(coding, limits);
  trawl::Result<> result;
  for (; result && !body.empty(); body.remove_prefix(std::min(step, body.size())))
    result = (*decoder)->feed(body.substr(0, step), output);
  if (result) result = (*decoder)->finish(output);
  if (pieces.size() > limits.decoded_bytes_max) std::abort();
  if (whole && !whole->truncated && whole->body != pieces) std::abort();
  return 0;
}
