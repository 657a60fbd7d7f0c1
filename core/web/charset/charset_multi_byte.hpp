#pragma once
// The decoders of the Encoding standard for Chinese, Japanese and Korean (sections 10 to 13).

#include <string>
#include <string_view>

namespace trawl::web {

// Appends UTF-8, with U+FFFD for what is malformed; false for an encoding that is none of GBK,
// gb18030, Big5, EUC-JP, ISO-2022-JP, Shift_JIS and EUC-KR. Linear.
bool decode_multi_byte(std::string_view bytes, std::string_view encoding, std::string& out);

}  // namespace trawl::web
