#pragma once
// The WARC records of one exchange, ready to be written.

#include "core/crawl/archive.hpp"
#include "storage/warc/member.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace trawl::storage {

// The records of an exchange: first the response, then the request that refers to it.
class PreparedRecords final : public crawl::Prepared {
 public:
  std::uint64_t memory_bytes() const override;

  std::string bytes;                  // both records; only the request when the body is in a file
  std::uint64_t response_length = 0;  // of bytes
  std::string response_id;
  crawl::Exchange exchange;  // what is needed to stream the body; else empty
};

// Takes bytes in order; throws what writing throws.
using RecordOutput = std::function<void(std::string_view)>;

PreparedRecords prepare_records(crawl::Exchange exchange, const RecordFormat& format);

// Writes the response record of an exchange whose body is in a file, in two passes over it and in
// constant memory. Throws Failure{io} when the file can't be read.
void stream_response_record(const PreparedRecords& records, const RecordFormat& format,
                            const RecordOutput& output);

// A record of its own: header and block, framed and compressed.
void append_record(std::string& out, const RecordFormat& format, std::string_view header,
                   std::string_view block_head, std::string_view block_body);

}  // namespace trawl::storage
