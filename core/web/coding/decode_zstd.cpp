// zstd (RFC 8878) by libzstd. RFC 9659 caps the window of HTTP bodies at 8 MiB, and so do we.
#include "core/web/coding/decode_coding.hpp"

#include <zstd.h>

#include <array>
#include <string>

namespace trawl::web {
namespace {

constexpr int window_log_max = 23;
constexpr std::string_view frame_magic = "\x28\xb5\x2f\xfd";      // RFC 8878 3.1.1
constexpr std::string_view skippable_magic = "\x50\x2a\x4d\x18";  // 3.1.2; its first byte to 5f

bool begins_frame(std::string_view bytes) {
  if (frame_magic.starts_with(bytes)) return true;
  const auto first = static_cast<unsigned char>(bytes.front());
  return (first & 0xf0) == 0x50 && skippable_magic.substr(1).starts_with(bytes.substr(1));
}

class ZstdCoding final : public Coding {
 public:
  ZstdCoding() : stream_(ZSTD_createDStream()) {
    if (!stream_ ||
        ZSTD_isError(ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, window_log_max)))
      throw Failure(Errc::internal, "zstd can't start: out of memory");
  }

  Result<> feed(std::string_view bytes, CodingOutput& out) override {
    while (!bytes.empty() && !ignoring_) {
      if (!in_frame_ && !begin_frame(bytes)) continue;
      if (auto result = decompress_frame(bytes, out); !result) return result;
    }
    if (ignoring_ && frames_ == 0)
      return fail(Errc::decode, "the zstd body is damaged: it begins like none");
    return {};
  }

  Result<> finish(CodingOutput&) override {
    const bool cut_magic = frames_ == 0 && !magic_.empty();
    if (!in_frame_ && !cut_magic) return {};
    return fail(Errc::body_truncated, "the zstd body ends early");
  }

  // Also what only began like a frame.
  bool has_trailing_data() const override { return ignoring_ || (!in_frame_ && !magic_.empty()); }

 private:
  // The magic number alone says whether a frame follows, and it may come in pieces: what libzstd
  // says of other bytes depends on how they are cut, and it knows formats older than the RFC's.
  bool begin_frame(std::string_view& bytes) {
    magic_.push_back(bytes.front());
    bytes.remove_prefix(1);
    if (!begins_frame(magic_)) ignoring_ = true;
    if (ignoring_ || magic_.size() < frame_magic.size()) return false;
    ZSTD_inBuffer magic{magic_.data(), magic_.size(), 0};
    ZSTD_outBuffer nothing{buffer_.data(), 0, 0};
    while (magic.pos < magic.size &&
           !ZSTD_isError(ZSTD_decompressStream(stream_.get(), &nothing, &magic))) {
    }
    magic_.clear();
    in_frame_ = true;
    return true;
  }

  // Until the frame ends or the bytes are used up; bytes keeps what is left.
  Result<> decompress_frame(std::string_view& bytes, CodingOutput& out) {
    ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
    for (;;) {
      ZSTD_outBuffer output{buffer_.data(), buffer_.size(), 0};
      const std::size_t status = ZSTD_decompressStream(stream_.get(), &output, &input);
      if (ZSTD_isError(status))
        return fail(Errc::decode,
                    std::string("the zstd body is damaged: ") + ZSTD_getErrorName(status));
      if (output.pos > 0)
        if (auto taken = out.take({buffer_.data(), output.pos}); !taken) return taken;
      if (status == 0) {
        in_frame_ = false;
        ++frames_;
        break;
      }
      if (input.pos == input.size && output.pos < output.size) break;
    }
    bytes.remove_prefix(input.pos);
    return {};
  }

  struct Free {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };
  std::unique_ptr<ZSTD_DStream, Free> stream_;
  bool in_frame_ = false;  // its magic number is read, its end isn't
  bool ignoring_ = false;
  std::size_t frames_ = 0;
  std::string magic_;  // of the next frame, as far as it has come
  std::array<char, coding_buffer_bytes> buffer_;
};

}  // namespace

std::unique_ptr<Coding> make_zstd_coding() {
  return std::make_unique<ZstdCoding>();
}

}  // namespace trawl::web
