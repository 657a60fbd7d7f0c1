// The streaming interfaces of the three libraries, each in its few lines.
#include "service/demo/packed.hpp"

#include "core/base/result.hpp"

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <memory>

namespace trawl::service::demo {
namespace {

[[noreturn]] void refuse() {
  throw Failure(Errc::internal, "a compression library gave up: out of memory");
}

std::string zlib_packed(std::string_view block, std::size_t times, int window_bits) {
  z_stream stream{};
  if (deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 9, Z_DEFAULT_STRATEGY) != Z_OK) refuse();
  std::string packed;
  std::array<char, 16 * 1024> buffer;
  for (std::size_t i = 0; i < times; ++i) {
    const int flush = i + 1 < times ? Z_NO_FLUSH : Z_FINISH;
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(block.data()));
    stream.avail_in = static_cast<uInt>(block.size());
    do {
      stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
      stream.avail_out = static_cast<uInt>(buffer.size());
      deflate(&stream, flush);
      packed.append(buffer.data(), buffer.size() - stream.avail_out);
    } while (stream.avail_out == 0);
  }
  deflateEnd(&stream);
  return packed;
}

}  // namespace

std::string gzipped(std::string_view block, std::size_t times) {
  return zlib_packed(block, times, MAX_WBITS + 16);
}

std::string deflated(std::string_view block, std::size_t times) {
  return zlib_packed(block, times, MAX_WBITS);
}

std::string brotlied(std::string_view block, std::size_t times) {
  const std::unique_ptr<BrotliEncoderState, decltype(&BrotliEncoderDestroyInstance)> state{
      BrotliEncoderCreateInstance(nullptr, nullptr, nullptr), &BrotliEncoderDestroyInstance};
  if (!state) refuse();
  BrotliEncoderSetParameter(state.get(), BROTLI_PARAM_QUALITY, 5);
  std::string packed;
  for (std::size_t i = 0; i < times; ++i) {
    const auto operation = i + 1 < times ? BROTLI_OPERATION_PROCESS : BROTLI_OPERATION_FINISH;
    auto next_in = reinterpret_cast<const std::uint8_t*>(block.data());
    std::size_t left = block.size();
    do {
      std::size_t none = 0;
      if (!BrotliEncoderCompressStream(state.get(), operation, &left, &next_in, &none, nullptr,
                                       nullptr))
        refuse();
      std::size_t size = 0;
      const auto* out = BrotliEncoderTakeOutput(state.get(), &size);
      packed.append(reinterpret_cast<const char*>(out), size);
    } while (left > 0 || BrotliEncoderHasMoreOutput(state.get()));
  }
  return packed;
}

std::string zstded(std::string_view block, std::size_t times) {
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context{ZSTD_createCCtx(),
                                                                     &ZSTD_freeCCtx};
  if (!context) refuse();
  std::string packed;
  std::array<char, 16 * 1024> buffer;
  for (std::size_t i = 0; i < times; ++i) {
    const auto end = i + 1 < times ? ZSTD_e_continue : ZSTD_e_end;
    ZSTD_inBuffer in{block.data(), block.size(), 0};
    for (std::size_t left = 1; left > 0;) {
      ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
      left = ZSTD_compressStream2(context.get(), &out, &in, end);
      if (ZSTD_isError(left)) refuse();
      packed.append(buffer.data(), out.pos);
      if (end == ZSTD_e_continue) left = in.size - in.pos;
    }
  }
  return packed;
}

}  // namespace trawl::service::demo
