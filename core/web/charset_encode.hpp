#pragma once
// The way back from UTF-8, for the encodings that a page can't be changed in as it is.

#include <string>
#include <string_view>

namespace trawl::web {

// text: valid UTF-8. charset: UTF-16LE, UTF-16BE or ISO-2022-JP. What it can't say becomes a
// character reference.
std::string encode_utf8(std::string_view text, std::string_view charset, bool byte_order_mark);

}  // namespace trawl::web
