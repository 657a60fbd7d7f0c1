// In steps, so that a bomb takes no more memory here than it should where it goes off.
#include "tests/e2e/compressed.hpp"

#include <zlib.h>

#include <stdexcept>

namespace trawl::e2e {

std::string gzip(std::string_view text, std::size_t times) {
  z_stream stream{};
  if (deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("zlib");
  std::string packed(deflateBound(&stream, text.size()) + text.size() * times / 500 + 1024, '\0');
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  int end = Z_OK;
  for (std::size_t i = 0; i < times && end == Z_OK; ++i) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    end = deflate(&stream, i + 1 < times ? Z_NO_FLUSH : Z_FINISH);
  }
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (end != Z_STREAM_END) throw std::runtime_error("zlib");
  return packed;
}

}  // namespace trawl::e2e
