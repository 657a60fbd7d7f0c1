// gzip and deflate by zlib. "deflate" means the zlib format (RFC 9110 8.4.1.2), but many servers
// send a raw stream, so the first two bytes decide. gzip may have several members (RFC 1952 2.2).
#include "core/web/coding/decode_coding.hpp"

#include <climits>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <string>

namespace trawl::web {
namespace {

class ZlibCoding : public Coding {
 public:
  ~ZlibCoding() override {
    if (started_) inflateEnd(&stream_);
  }
  ZlibCoding() = default;
  ZlibCoding(const ZlibCoding&) = delete;
  ZlibCoding& operator=(const ZlibCoding&) = delete;

 protected:
  void start(int window_bits) {
    if (inflateInit2(&stream_, window_bits) != Z_OK)
      throw Failure(Errc::internal, "zlib can't start: out of memory");
    started_ = true;
  }

  // Inflates until the input is used up or the stream ends; input keeps what is left.
  Result<> inflate_some(std::string_view& input, CodingOutput& out) {
    for (;;) {
      const auto chunk = std::min<std::size_t>(input.size(), INT_MAX);
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
      stream_.avail_in = uInt(chunk);
      stream_.next_out = reinterpret_cast<Bytef*>(buffer_.data());
      stream_.avail_out = uInt(buffer_.size());
      const int status = inflate(&stream_, Z_NO_FLUSH);
      input.remove_prefix(chunk - stream_.avail_in);
      const std::size_t produced = buffer_.size() - stream_.avail_out;
      member_produced_ += produced;
      if (produced > 0)
        if (auto taken = out.take({buffer_.data(), produced}); !taken) return taken;
      if (status == Z_STREAM_END) {
        ended_ = true;
        return {};
      }
      if (status != Z_OK && status != Z_BUF_ERROR)
        return fail(Errc::decode, std::string("the compressed body is damaged: ") +
                                      (stream_.msg != nullptr ? stream_.msg : "unknown fault"));
      if (input.empty() && stream_.avail_out > 0) return {};
    }
  }

  void start_again() {
    inflateReset(&stream_);
    ended_ = false;
    member_produced_ = 0;
  }

  z_stream stream_{};
  bool started_ = false;
  bool ended_ = false;  // the current member or stream is complete
  std::uint64_t member_produced_ = 0;
  std::array<char, coding_buffer_bytes> buffer_;
};

class GzipCoding final : public ZlibCoding {
 public:
  GzipCoding() { start(MAX_WBITS + 16); }

  Result<> feed(std::string_view input, CodingOutput& out) override {
    while (!input.empty() && !ignoring_) {
      fed_ = true;
      if (ended_) {
        if (!another_member(input)) continue;
        if (auto header = resume_header(out); !header) return header;
      }
      const auto result = inflate_some(input, out);
      if (!result && result.error().code == Errc::decode && members_ > 0 && member_produced_ == 0)
        ignoring_ = true;  // It only looked like another member.
      else if (!result)
        return result;
      if (ended_) ++members_;
    }
    return {};
  }

  Result<> finish(CodingOutput&) override {
    if (!fed_ || ended_ || ignoring_) return {};
    if (members_ > 0 && member_produced_ == 0) return {};
    return fail(Errc::body_truncated, "the gzip body ends early");
  }

  // Also what only began like a member.
  bool has_trailing_data() const override {
    return ignoring_ || magic_seen_ > 0 || (members_ > 0 && !ended_ && member_produced_ == 0);
  }

 private:
  // After a member: the two magic bytes may come in two pieces.
  bool another_member(std::string_view& input) {
    constexpr std::string_view magic = "\x1f\x8b";
    if (input.front() != magic[magic_seen_]) {
      ignoring_ = true;
      return false;
    }
    input.remove_prefix(1);
    return ++magic_seen_ == magic.size();
  }

  Result<> resume_header(CodingOutput& out) {
    magic_seen_ = 0;
    start_again();
    std::string_view magic = "\x1f\x8b";
    return inflate_some(magic, out);
  }

  bool fed_ = false;
  bool ignoring_ = false;
  std::size_t members_ = 0;
  std::size_t magic_seen_ = 0;
};

class DeflateCoding final : public ZlibCoding {
 public:
  Result<> feed(std::string_view input, CodingOutput& out) override {
    trailing_ = trailing_ || (ended_ && !input.empty());
    if (ended_ || input.empty()) return {};
    if (!started_) {
      head_.append(input.substr(0, 2 - head_.size()));
      input.remove_prefix(std::min(input.size(), head_.size() - head_seen_));
      head_seen_ = head_.size();
      if (head_.size() < 2) return {};
      if (auto begun = begin(out); !begun || ended_) return begun;
    }
    if (input.empty()) return {};
    const auto result = inflate_some(input, out);
    trailing_ = ended_ && !input.empty();
    return result;
  }

  bool has_trailing_data() const override { return trailing_; }

  Result<> finish(CodingOutput& out) override {
    if (head_.empty() || ended_) return {};
    if (!started_)
      if (auto begun = begin(out); !begun) return begun;
    if (ended_) return {};
    return fail(Errc::body_truncated, "the deflate body ends early");
  }

 private:
  Result<> begin(CodingOutput& out) {
    start(looks_like_zlib() ? MAX_WBITS : -MAX_WBITS);
    std::string_view head = head_;
    return inflate_some(head, out);
  }

  bool looks_like_zlib() const {  // RFC 1950 2.2: method 8, window up to 32 KiB, check bits
    if (head_.size() < 2) return false;
    const unsigned first = static_cast<unsigned char>(head_[0]);
    const unsigned second = static_cast<unsigned char>(head_[1]);
    return (first & 15) == 8 && first >> 4 <= 7 && (first * 256 + second) % 31 == 0;
  }

  std::string head_;
  std::size_t head_seen_ = 0;
  bool trailing_ = false;
};

}  // namespace

std::unique_ptr<Coding> make_gzip_coding() {
  return std::make_unique<GzipCoding>();
}
std::unique_ptr<Coding> make_deflate_coding() {
  return std::make_unique<DeflateCoding>();
}

}  // namespace trawl::web
