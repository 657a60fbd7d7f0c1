#pragma once
// Bytes of conformance data that JSON could not hold as they are.

#include <openssl/evp.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace trawl::support {

inline std::string from_base64(std::string_view text) {
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = ::EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
  bytes.resize(static_cast<std::size_t>(std::max(size, 0)));
  for (; text.ends_with('=') && !bytes.empty(); text.remove_suffix(1)) bytes.pop_back();
  return bytes;
}

}  // namespace trawl::support
