#pragma once
// One content coding of a chain; the chain (decode.cpp) connects them and keeps the limits.

#include "core/base/result.hpp"

#include <cstddef>
#include <memory>
#include <string_view>

namespace trawl::web {

// Where decoded bytes go: the next coding, or the chain's end. An error stops the coding at once.
class CodingOutput {
 public:
  virtual Result<> take(std::string_view bytes) = 0;

 protected:
  ~CodingOutput() = default;
};

class Coding {
 public:
  virtual ~Coding() = default;
  // Errors: Errc::decode when the input is damaged; any error of out. Bytes after the coding's end
  // are ignored, as browsers do.
  virtual Result<> feed(std::string_view input, CodingOutput& out) = 0;
  // No more input comes. Errors: Errc::body_truncated; Errc::decode.
  virtual Result<> finish(CodingOutput& out) = 0;
  // Whether there were such bytes.
  virtual bool has_trailing_data() const = 0;
};

inline constexpr std::size_t coding_buffer_bytes = 32 * 1024;

std::unique_ptr<Coding> make_gzip_coding();
std::unique_ptr<Coding> make_deflate_coding();
std::unique_ptr<Coding> make_brotli_coding();
std::unique_ptr<Coding> make_zstd_coding();

}  // namespace trawl::web
