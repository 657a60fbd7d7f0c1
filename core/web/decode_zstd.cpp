// zstd (RFC 8878) by libzstd. RFC 9659 caps the window of HTTP bodies at 8 MiB, and so do we.
#include "core/web/decode_coding.hpp"

#include <zstd.h>

#include <array>
#include <string>

namespace trawl::web {
namespace {

constexpr int window_log_max = 23;

class ZstdCoding final : public Coding {
 public:
  ZstdCoding() : stream_(ZSTD_createDStream()) {
    if (!stream_ ||
        ZSTD_isError(ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, window_log_max)))
      throw Failure(Errc::internal, "zstd can't start: out of memory");
  }

  Result<> feed(std::string_view bytes, CodingOutput& out) override {
    if (ignoring_ || bytes.empty()) return {};
    fed_ = true;
    ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
    for (;;) {
      ZSTD_outBuffer output{buffer_.data(), buffer_.size(), 0};
      const std::size_t status = ZSTD_decompressStream(stream_.get(), &output, &input);
      if (ZSTD_isError(status)) {
        if (frames_ > 0 && frame_produced_ == 0 && output.pos == 0) {
          ignoring_ = true;  // No frame follows the last one, so these bytes are no part of it.
          return {};
        }
        return fail(Errc::decode,
                    std::string("the zstd body is damaged: ") + ZSTD_getErrorName(status));
      }
      frame_produced_ += output.pos;
      in_frame_ = status != 0;
      if (!in_frame_) {
        ++frames_;
        frame_produced_ = 0;
      }
      if (output.pos > 0)
        if (auto taken = out.take({buffer_.data(), output.pos}); !taken) return taken;
      if (input.pos == input.size && output.pos < output.size) return {};
      if (input.pos == input.size && !in_frame_) return {};
    }
  }

  Result<> finish(CodingOutput&) override {
    if (!fed_ || !in_frame_ || ignoring_) return {};
    if (frames_ > 0 && frame_produced_ == 0) return {};
    return fail(Errc::body_truncated, "the zstd body ends early");
  }

  bool has_trailing_data() const override {
    return ignoring_ || (frames_ > 0 && in_frame_ && frame_produced_ == 0);
  }

 private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };
  std::unique_ptr<ZSTD_DStream, Free> stream_;
  bool fed_ = false;
  bool in_frame_ = false;
  bool ignoring_ = false;
  std::size_t frames_ = 0;
  std::uint64_t frame_produced_ = 0;
  std::array<char, coding_buffer_bytes> buffer_;
};

}  // namespace

std::unique_ptr<Coding> make_zstd_coding() {
  return std::make_unique<ZstdCoding>();
}

}  // namespace trawl::web
