// Any file, plain, gzip or zstd, ends the verification with a summary and the index with a result,
// and no record passes the file's end.
#include "storage/warc/index.hpp"
#include "storage/warc/verify.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  static const int fd = memfd_create("warc", 0);
  static const std::string path = "/proc/self/fd/" + std::to_string(fd);
  if (ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != ssize_t(size)) std::abort();
  const auto summary = trawl::storage::verify_warc(
      path, [&](const trawl::storage::WarcRecord& record, std::uint64_t length) {
        if (record.offset + length > size) std::abort();
      });
  if (!summary) std::abort();
  (void)trawl::storage::index_warc(
      path,
      [&](const trawl::storage::CdxEntry& entry) {
        if (entry.offset + entry.length > size || entry.key.find(' ') != entry.key.npos)
          std::abort();
        return true;
      },
      [](const trawl::Error&) {});
  return 0;
}
