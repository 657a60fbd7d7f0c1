#pragma once
// Bytes that arrive in blocks, as UTF-8: to_utf8() of content.hpp without the whole body at hand.
// Blocks are cut where no character can be cut in two; what is behind the cut waits.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace trawl::web {

class TextStream {
 public:
  // charset: a name or label of the Encoding standard, empty for UTF-8; a byte order mark at the
  // beginning is stronger.
  explicit TextStream(std::string_view charset);

  // The text of what has become whole; malformed sequences are U+FFFD. The view holds until the
  // next call, and while `block` lives.
  std::string_view feed(std::string_view block);
  // The rest.
  std::string_view finish();

 private:
  enum class Family : std::uint8_t { utf8, utf16, ascii_based, iso2022 };

  // What is behind the byte order mark.
  std::string_view begin(std::string_view head);
  std::size_t whole_bytes(std::string_view bytes) const;

  std::string charset_;
  Family family_ = Family::utf8;
  bool begun_ = false;
  std::string pending_;  // at most a block without a safe place to cut
  std::string input_;
  std::string storage_;
};

}  // namespace trawl::web
