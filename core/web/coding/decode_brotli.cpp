// br (RFC 7932) by libbrotlidec. Large windows stay off: a body costs at most 16 MiB of window.
#include "core/web/coding/decode_coding.hpp"

#include <brotli/decode.h>

#include <array>
#include <string>

namespace trawl::web {
namespace {

class BrotliCoding final : public Coding {
 public:
  BrotliCoding() : state_(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)) {
    if (!state_) throw Failure(Errc::internal, "brotli can't start: out of memory");
  }

  Result<> feed(std::string_view input, CodingOutput& out) override {
    trailing_ = trailing_ || (ended_ && !input.empty());
    if (ended_ || input.empty()) return {};
    fed_ = true;
    auto next_in = reinterpret_cast<const std::uint8_t*>(input.data());
    std::size_t available_in = input.size();
    for (;;) {
      auto next_out = reinterpret_cast<std::uint8_t*>(buffer_.data());
      std::size_t available_out = buffer_.size();
      const auto status = BrotliDecoderDecompressStream(state_.get(), &available_in, &next_in,
                                                        &available_out, &next_out, nullptr);
      const std::size_t produced = buffer_.size() - available_out;
      if (produced > 0)
        if (auto taken = out.take({buffer_.data(), produced}); !taken) return taken;
      if (status == BROTLI_DECODER_RESULT_ERROR)
        return fail(Errc::decode,
                    std::string("the br body is damaged: ") +
                        BrotliDecoderErrorString(BrotliDecoderGetErrorCode(state_.get())));
      ended_ = status == BROTLI_DECODER_RESULT_SUCCESS;
      trailing_ = ended_ && available_in > 0;
      // It may ask for input and still hold output for which there was no room.
      if (status != BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT &&
          !BrotliDecoderHasMoreOutput(state_.get()))
        return {};
    }
  }

  Result<> finish(CodingOutput&) override {
    if (!fed_ || ended_) return {};
    return fail(Errc::body_truncated, "the br body ends early");
  }

  bool has_trailing_data() const override { return trailing_; }

 private:
  struct Destroy {
    void operator()(BrotliDecoderState* state) const { BrotliDecoderDestroyInstance(state); }
  };
  std::unique_ptr<BrotliDecoderState, Destroy> state_;
  bool fed_ = false;
  bool ended_ = false;
  bool trailing_ = false;
  std::array<char, coding_buffer_bytes> buffer_;
};

}  // namespace

std::unique_ptr<Coding> make_brotli_coding() {
  return std::make_unique<BrotliCoding>();
}

}  // namespace trawl::web
