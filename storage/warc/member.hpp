#pragma once
// Members: the unit of compression in a WARC file. There is one for each record, so that every
// record can be read by itself: a gzip member (RFC 1952), a zstd frame (RFC 8878, as the IIPC's
// "Zstandard Compression for WARC Files" wants it), or the plain bytes.

#include "core/crawl/job/job.hpp"

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace trawl::storage {

class ZstdDictionary;

struct RecordFormat {
  crawl::WarcCompression compression = crawl::WarcCompression::gzip;
  crawl::WarcLevel level = crawl::WarcLevel::fast;
  std::shared_ptr<const ZstdDictionary> dictionary = {};  // of the file, for zstd
};

// The pieces, one after the other, as one member appended to out. Any thread.
// gzip: fast is ISA-L level 1, small is libdeflate level 6. zstd: levels 3 and 9.
void append_member(std::string& out, const RecordFormat& format,
                   std::initializer_list<std::string_view> pieces);

// A member written piece by piece in constant memory, for bodies in files.
class MemberStream {
 public:
  // bytes: exactly what will be written.
  static std::unique_ptr<MemberStream> create(const RecordFormat& format, std::uint64_t bytes);
  virtual ~MemberStream() = default;
  // Both append what is ready to out.
  virtual void write(std::string_view piece, std::string& out) = 0;
  virtual void finish(std::string& out) = 0;
};

}  // namespace trawl::storage
