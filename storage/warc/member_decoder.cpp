// One piece of output at a time: a few bytes of either coding can stand for gigabytes.
#include "storage/warc/member_decoder.hpp"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <array>

namespace trawl::storage {
namespace {

constexpr std::size_t output_bytes = 64 * 1024;
constexpr int window_log_max = 27;  // also what the zstd program takes unless told otherwise
constexpr std::string_view zstd_frame_start = "\x28\xB5\x2F\xFD",
                           zstd_dictionary_start = "\x37\xA4\x30\xEC";

class GzipDecoder final : public MemberDecoder {
 public:
  GzipDecoder() {
    if (inflateInit2(&stream_, MAX_WBITS + 16) != Z_OK)
      throw Failure(Errc::internal, "zlib can't start: out of memory");
  }
  ~GzipDecoder() override { inflateEnd(&stream_); }
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;

  void begin() override { inflateReset(&stream_); }
  bool has_more() const override { return false; }  // the member's trailer comes last

  Result<bool> decode(std::string_view& raw, std::string& out) override {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(raw.data()));
    stream_.avail_in = uInt(raw.size());
    stream_.next_out = reinterpret_cast<Bytef*>(output_.data());
    stream_.avail_out = uInt(output_.size());
    const int status = inflate(&stream_, Z_NO_FLUSH);
    raw.remove_prefix(raw.size() - stream_.avail_in);
    const std::size_t count = output_.size() - stream_.avail_out;
    out.append(output_.data(), count);
    if (status == Z_STREAM_END) return false;
    // What came before the damage is given out; the next call fails.
    if (status == Z_OK || status == Z_BUF_ERROR || count > 0) return true;
    return fail(Errc::damaged, fmt::format("the gzip member is damaged ({})",
                                           stream_.msg ? stream_.msg : "unknown fault"));
  }

 private:
  z_stream stream_{};
  std::array<char, output_bytes> output_;
};

class ZstdDecoder final : public MemberDecoder {
 public:
  ZstdDecoder() : context_(ZSTD_createDCtx()) {
    if (!context_ ||
        ZSTD_isError(ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, window_log_max)))
      throw Failure(Errc::internal, "zstd can't start: out of memory");
  }

  // Errors: it is no dictionary.
  Result<> set_dictionary(std::string_view dictionary) {
    const auto status =
        ZSTD_DCtx_loadDictionary(context_.get(), dictionary.data(), dictionary.size());
    if (!dictionary.starts_with(zstd_dictionary_start) || ZSTD_isError(status))
      return fail(Errc::damaged, "the file's dictionary frame holds no dictionary");
    return {};
  }

  void begin() override {
    ZSTD_DCtx_reset(context_.get(), ZSTD_reset_session_only);
    full_ = false;
  }
  bool has_more() const override { return full_; }

  Result<bool> decode(std::string_view& raw, std::string& out) override {
    ZSTD_inBuffer input{raw.data(), raw.size(), 0};
    ZSTD_outBuffer output{output_.data(), output_.size(), 0};
    const std::size_t status = ZSTD_decompressStream(context_.get(), &output, &input);
    if (ZSTD_isError(status)) {
      full_ = false;
      return fail(Errc::damaged,
                  fmt::format("the zstd frame is damaged ({})", ZSTD_getErrorName(status)));
    }
    raw.remove_prefix(input.pos);
    out.append(output_.data(), output.pos);
    full_ = status != 0 && output.pos == output.size;
    return status != 0;
  }

 private:
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  std::unique_ptr<ZSTD_DCtx, Free> context_;
  bool full_ = false;  // the last call filled the output
  std::array<char, output_bytes> output_;
};

}  // namespace

std::unique_ptr<MemberDecoder> make_gzip_decoder() {
  return std::make_unique<GzipDecoder>();
}

Result<std::unique_ptr<MemberDecoder>> make_zstd_decoder(std::string_view dictionary) {
  auto decoder = std::make_unique<ZstdDecoder>();
  if (!dictionary.empty())
    if (auto set = decoder->set_dictionary(dictionary); !set)
      return std::unexpected(std::move(set.error()));
  return decoder;
}

Result<std::string> decode_zstd_dictionary(std::string_view content) {
  if (!content.starts_with(zstd_frame_start)) return std::string(content);
  const auto bytes = ZSTD_getFrameContentSize(content.data(), content.size());
  if (bytes > zstd_dictionary_bytes_max)  // its error codes are the largest numbers
    return fail(Errc::damaged, "the file's dictionary has no size, or more than 8 MiB");
  std::string dictionary(bytes, '\0');
  const auto status =
      ZSTD_decompress(dictionary.data(), dictionary.size(), content.data(), content.size());
  if (ZSTD_isError(status) || status != bytes)
    return fail(Errc::damaged, "the file's compressed dictionary is damaged");
  return dictionary;
}

}  // namespace trawl::storage
