// As strict as the RFC where a length is concerned; a bare LF ends a line, and white space may
// stand behind a size, since servers in use do that and no reader takes it for anything else.
#include "core/http/message/chunk_scanner.hpp"

#include "core/base/limits.hpp"
#include "core/web/ascii.hpp"

#include <algorithm>

namespace trawl::http {

bool ChunkScanner::scan(std::string_view bytes) {
  while (!faulty_ && !bytes.empty()) {
    if (state_ == State::end) {
      excess_ = true;
      break;
    }
    if (state_ == State::data) {
      const auto taken = std::min<std::uint64_t>(left_, bytes.size());
      bytes.remove_prefix(static_cast<std::size_t>(taken));
      left_ -= taken;
      data_ += taken;
      if (left_ == 0) state_ = State::data_end;
      continue;
    }
    faulty_ = !take(bytes.front());
    bytes.remove_prefix(1);
  }
  return !faulty_;
}

bool ChunkScanner::take(char c) {
  switch (state_) {
    case State::size:
      return take_size(c);
    case State::extension:
      return c != '\n' || end_size_line();
    case State::size_end:
      if (c == '\n') return end_size_line();
      if (c == ';') state_ = State::extension;
      return c == ';' || c == ' ' || c == '\t' || c == '\r';
    case State::data_end:
      if (c == '\n') state_ = State::size;
      return c == '\n' || c == '\r';
    case State::trailer:
      if (c == '\n' && line_empty_) state_ = State::end;
      if (c != '\r') line_empty_ = c == '\n';
      return true;
    case State::data:
    case State::end:
      break;
  }
  return true;
}

bool ChunkScanner::take_size(char c) {
  const int digit = web::ascii::hex_value(c);
  if (digit < 0) {
    if (digits_ == 0) return false;
    state_ = State::size_end;
    return take(c);
  }
  size_ = size_ * 16 + static_cast<std::uint64_t>(digit);
  digits_ = size_ == 0 ? 1 : digits_ + 1;  // zeroes in front add nothing
  return digits_ <= limits::chunk_size_digits_max;
}

bool ChunkScanner::end_size_line() {
  left_ = size_;
  state_ = size_ == 0 ? State::trailer : State::data;
  line_empty_ = true;
  size_ = 0;
  digits_ = 0;
  return true;
}

}  // namespace trawl::http
