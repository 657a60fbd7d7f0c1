#pragma once
// ChunkScanner: whether a chunked body is one (RFC 9112 7.1). libcurl 7.88.1 takes "FAIL" for a
// chunk of 0xFA bytes and what follows for a page, so the bytes are looked at before it has them.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace trawl::http {

class ChunkScanner {
 public:
  // The next bytes behind the head. False, from then on, when they are no chunks.
  bool scan(std::string_view bytes);

  // Bytes of chunk data seen, up to the fault if there is one.
  std::uint64_t data_bytes() const { return data_; }
  // The chunk of size 0 was seen: the body is whole (RFC 9112 8), whatever becomes of trailers.
  bool has_last_chunk() const { return state_ == State::trailer || state_ == State::end; }
  // Bytes came behind the end of the body.
  bool has_excess() const { return excess_; }

 private:
  enum class State : std::uint8_t { size, extension, size_end, data, data_end, trailer, end };

  bool take(char c);
  bool take_size(char c);
  bool end_size_line();

  State state_ = State::size;
  std::uint64_t size_ = 0;  // of this chunk, as far as it is read
  std::size_t digits_ = 0;
  std::uint64_t left_ = 0;  // of this chunk's data
  std::uint64_t data_ = 0;
  bool line_empty_ = true;  // of the trailer
  bool excess_ = false;
  bool faulty_ = false;
};

}  // namespace trawl::http
