#pragma once
// One gzip member (RFC 1952) per WARC record, so that every record can be read by itself.

#include "core/crawl/job.hpp"

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace trawl::storage {

// The pieces, one after the other, as one member appended to out. Any thread. fast: ISA-L level 1,
// small: libdeflate level 6.
void append_gzip_member(std::string& out, crawl::WarcLevel level,
                        std::initializer_list<std::string_view> pieces);

// A member written piece by piece in constant memory, for bodies in files.
class GzipMemberStream {
 public:
  static std::unique_ptr<GzipMemberStream> create(crawl::WarcLevel level);
  virtual ~GzipMemberStream() = default;
  // Both append what is ready to out.
  virtual void write(std::string_view piece, std::string& out) = 0;
  virtual void finish(std::string& out) = 0;  // afterwards write() begins another member
};

}  // namespace trawl::storage
