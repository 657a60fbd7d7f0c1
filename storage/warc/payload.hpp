#pragma once
// Splits the block of a request or response record into head and body, in pieces, and undoes the
// chunked transfer coding that other producers leave in.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace trawl::storage {

class PayloadSplitter {
 public:
  using Output = std::function<void(std::string_view)>;

  // is_http: the block begins with a head; otherwise all of it is body.
  explicit PayloadSplitter(bool is_http) : in_head_(is_http) {}

  // body gets the body as it stands, unchunked the same without its chunk framing.
  void add(std::string_view piece, const Output& body, const Output& unchunked);
  bool chunked() const { return chunked_; }

 private:
  void undo_chunks(std::string_view piece, const Output& unchunked);
  void end_line();

  bool in_head_;
  bool chunked_ = false;
  std::string head_;
  // Chunk framing.
  std::string line_;
  std::uint64_t chunk_left_ = 0;
  bool after_data_ = false;
  bool ended_ = false;
};

}  // namespace trawl::storage
