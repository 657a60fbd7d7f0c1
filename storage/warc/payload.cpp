// Only what verifying needs: a head that is too long is given up as having no body, and framing
// that is no framing ends the body, so that the digest does not match.
#include "storage/warc/payload.hpp"

#include "core/base/limits.hpp"
#include "core/web/ascii.hpp"

#include <algorithm>
#include <charconv>

namespace trawl::storage {
namespace {

constexpr std::size_t chunk_line_bytes_max = 4096;

bool says_chunked(std::string_view text) {
  const std::string head = web::ascii::lowered(text);
  const auto field = head.find("\ntransfer-encoding:");
  if (field == std::string::npos) return false;
  const auto end = head.find('\n', field + 1);
  return std::string_view(head).substr(field, end - field).find("chunked") !=
         std::string_view::npos;
}

}  // namespace

void PayloadSplitter::add(std::string_view piece, const Output& body, const Output& unchunked) {
  if (in_head_) {
    const std::size_t before = head_.size();
    head_.append(piece);
    const auto end = head_.find("\r\n\r\n", before < 3 ? 0 : before - 3);
    if (end == std::string::npos) {
      if (head_.size() > 4 * limits::header_bytes_max) head_.clear();
      return;
    }
    in_head_ = false;
    piece.remove_prefix(end + 4 - before);
    head_.resize(end + 2);
    chunked_ = says_chunked(head_);
  }
  if (piece.empty()) return;
  body(piece);
  if (chunked_) undo_chunks(piece, unchunked);
}

void PayloadSplitter::undo_chunks(std::string_view piece, const Output& unchunked) {
  while (!piece.empty() && !ended_) {
    if (chunk_left_ > 0) {
      const auto data = piece.substr(0, chunk_left_);
      unchunked(data);
      chunk_left_ -= data.size();
      piece.remove_prefix(data.size());
      after_data_ = true;
      continue;
    }
    const auto end = piece.find('\n');
    line_.append(piece.substr(0, end));
    if (line_.size() > chunk_line_bytes_max) ended_ = true;
    if (end == std::string_view::npos) return;
    piece.remove_prefix(end + 1);
    end_line();
  }
}

// A line between chunks is the end of the data before, or the size of the data that follows.
void PayloadSplitter::end_line() {
  if (!after_data_ || (line_ != "\r" && !line_.empty())) {
    const auto [end, error] =
        std::from_chars(line_.data(), line_.data() + line_.size(), chunk_left_, 16);
    if (error != std::errc{} || end == line_.data() || chunk_left_ == 0) ended_ = true;
  }
  after_data_ = false;
  line_.clear();
}

}  // namespace trawl::storage
