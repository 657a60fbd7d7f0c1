// The content size and the checksum are in every frame, because the WARC specification asks for
// them; the size lets libzstd choose its tables to suit.
#include "core/base/result.hpp"
#include "storage/warc/member_codings.hpp"
#include "storage/warc/zstd_dictionary.hpp"

#include <fmt/format.h>
#include <zstd.h>

#include <array>
#include <cassert>
#include <utility>

namespace trawl::storage {
namespace {

struct Free {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
using Context = std::unique_ptr<ZSTD_CCtx, Free>;

std::size_t check(std::size_t result) {
  if (ZSTD_isError(result))
    throw Failure(Errc::internal,
                  fmt::format("zstd refused to compress a record: {}", ZSTD_getErrorName(result)));
  return result;
}

Context make_context() {
  Context context(ZSTD_createCCtx());
  if (!context) throw Failure(Errc::internal, "zstd can't start: out of memory");
  return context;
}

void begin_frame(ZSTD_CCtx& context, const RecordFormat& format, std::uint64_t bytes) {
  check(ZSTD_CCtx_reset(&context, ZSTD_reset_session_and_parameters));
  check(ZSTD_CCtx_setParameter(&context, ZSTD_c_compressionLevel, zstd_level(format.level)));
  check(ZSTD_CCtx_setParameter(&context, ZSTD_c_checksumFlag, 1));
  if (format.dictionary) check(ZSTD_CCtx_refCDict(&context, format.dictionary->compressor()));
  check(ZSTD_CCtx_setPledgedSrcSize(&context, bytes));
}

class ZstdStream final : public MemberStream {
 public:
  ZstdStream(RecordFormat format, std::uint64_t bytes)
      : format_(std::move(format)), context_(make_context()) {
    begin_frame(*context_, format_, bytes);
  }

  void write(std::string_view piece, std::string& out) override {
    ZSTD_inBuffer input{piece.data(), piece.size(), 0};
    while (input.pos < input.size) compress(input, ZSTD_e_continue, out);
  }
  void finish(std::string& out) override {
    ZSTD_inBuffer nothing{nullptr, 0, 0};
    while (compress(nothing, ZSTD_e_end, out) != 0) {
    }
  }

 private:
  std::size_t compress(ZSTD_inBuffer& input, ZSTD_EndDirective directive, std::string& out) {
    ZSTD_outBuffer output{output_.data(), output_.size(), 0};
    const std::size_t left =
        check(ZSTD_compressStream2(context_.get(), &output, &input, directive));
    out.append(output_.data(), output.pos);
    return left;
  }

  const RecordFormat format_;  // the context refers to the dictionary
  Context context_;
  std::array<char, 64 * 1024> output_;
};

}  // namespace

void append_zstd_frame(std::string& out, const RecordFormat& format,
                       std::initializer_list<std::string_view> pieces) {
  thread_local const Context context = make_context();
  std::size_t bytes = 0;
  for (const auto piece : pieces) bytes += piece.size();
  begin_frame(*context, format, bytes);
  const std::size_t start = out.size(), bound = ZSTD_compressBound(bytes);
  std::size_t status = 0;
  out.resize_and_overwrite(start + bound, [&](char* data, std::size_t) {
    ZSTD_outBuffer output{data + start, bound, 0};
    for (const auto piece : pieces) {
      ZSTD_inBuffer input{piece.data(), piece.size(), 0};
      while (input.pos < input.size && !ZSTD_isError(status))
        status = ZSTD_compressStream2(context.get(), &output, &input, ZSTD_e_continue);
    }
    ZSTD_inBuffer nothing{nullptr, 0, 0};
    if (!ZSTD_isError(status))
      status = ZSTD_compressStream2(context.get(), &output, &nothing, ZSTD_e_end);
    return start + output.pos;
  });
  ZSTD_CCtx_reset(context.get(), ZSTD_reset_session_and_parameters);  // forgets the dictionary
  check(status);
  assert(status == 0);  // the bound holds the whole frame
}

std::unique_ptr<MemberStream> make_zstd_stream(const RecordFormat& format, std::uint64_t bytes) {
  return std::make_unique<ZstdStream>(format, bytes);
}

}  // namespace trawl::storage
