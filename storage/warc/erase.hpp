#pragma once
// Takes records out of a WARC file without moving the others: what stood there is written over, in
// place, with something of the same length that readers pass by. So every offset that a database,
// an index or a revisit names still holds.

#include <cstdint>
#include <filesystem>
#include <span>

namespace trawl::storage {

// Whole records, one behind the other.
struct RecordRange {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  // bytes in the file, with the empty lines behind a plain record
};

// named: by its extension it is told how the file is compressed; apart from `file`, which may be a
// copy under another name. Writes over the ranges: in plain and gzip files a metadata record that
// says so and is filled up with spaces (its gzip member is stored, RFC 1951 3.2.4), in zstd files
// skippable frames (RFC 8878 3.1.2). May be done again when it was interrupted. Durable when it
// returns; parts of a range behind the file's end are left out. Throws Failure{io} when the file
// can't be written, usage when a range is too short for a record (no record that trawl writes is).
void erase_records(const std::filesystem::path& file, const std::filesystem::path& named,
                   std::span<const RecordRange> ranges);

}  // namespace trawl::storage
