// Records are members or frames with a magic number each, or begin with a version line behind two
// empty ones; so the next one can be found without knowing where the damaged one was to end.
#include "storage/warc/scan.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace trawl::storage {
namespace {

constexpr std::size_t scan_step_bytes = 256 * 1024;

}  // namespace

std::optional<std::uint64_t> find_record(const FileHandle& file, std::uint64_t from) {
  constexpr std::string_view gzip_start("\x1f\x8b\x08", 3), zstd_start("\x28\xB5\x2F\xFD", 4),
      plain_start = "\r\n\r\nWARC/1.";
  std::string buffer(scan_step_bytes, '\0');
  for (;;) {
    const std::string_view bytes(buffer.data(), file.read_at(from, buffer));
    const auto plain = bytes.find(plain_start);
    const auto first = std::min({bytes.find(gzip_start), bytes.find(zstd_start),
                                 plain == std::string_view::npos ? plain : plain + 4});
    if (first != std::string_view::npos) return from + first;
    if (bytes.size() < buffer.size()) return std::nullopt;
    from += bytes.size() - plain_start.size();
  }
}

}  // namespace trawl::storage
