#pragma once
// Undoes the coding of members, one after the other, as their bytes come in.

#include "core/base/result.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace trawl::storage {

class MemberDecoder {
 public:
  virtual ~MemberDecoder() = default;
  // The next bytes are a member's first.
  virtual void begin() = 0;
  // Takes what it uses off the front of raw and appends at most 64 KiB to out. False: the member
  // has ended, and its checksum held. Errors: Errc::damaged.
  virtual Result<bool> decode(std::string_view& raw, std::string& out) = 0;
  // Whether decode() may have more to give without more input.
  virtual bool has_more() const = 0;
};

std::unique_ptr<MemberDecoder> make_gzip_decoder();

inline constexpr std::size_t zstd_dictionary_bytes_max = 8 << 20;  // what the IIPC asks of readers

// dictionary: of the file, decoded; empty for none. Frames that want more than 128 MiB of memory
// are damaged. Errors: Errc::damaged, the dictionary is none.
Result<std::unique_ptr<MemberDecoder>> make_zstd_decoder(std::string_view dictionary);

// The dictionary in the content of a file's dictionary frame, where it may be compressed itself.
// Errors: Errc::damaged.
Result<std::string> decode_zstd_dictionary(std::string_view content);

}  // namespace trawl::storage
