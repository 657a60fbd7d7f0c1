#pragma once
// Reads WARC files, plain, gzip or zstd, record by record or at an offset, in constant memory.
// Errors are Errc::damaged with the file's name and the offset of the record (Errc::io when the
// file can't be read); after an error the reader may be sent elsewhere with seek().

#include "core/base/result.hpp"
#include "core/web/archive/warc_record.hpp"
#include "storage/files/file_handle.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::storage {

class WarcInput;

struct WarcRecord {
  web::WarcHeader header;
  std::string version;       // "1.1"
  std::string header_text;   // as it stands in the file, with its empty line
  std::uint64_t offset = 0;  // in the file; of the member's start when compressed
  bool compressed = false;
  bool starts_member = true;  // false: an earlier record lies in the same member
};

struct WarcRecordEnd {
  std::uint64_t length = 0;  // bytes of the record in the file, compressed
  bool ends_member = true;   // false: the member goes on after the record
  std::string frame_fault;   // what the format asks of a zstd frame, and one of the record's lacks
};

class WarcReader {
 public:
  // Errors: Errc::io.
  static Result<WarcReader> open(const std::filesystem::path& file);
  WarcReader(WarcReader&&) noexcept;
  WarcReader& operator=(WarcReader&&) noexcept;
  ~WarcReader();

  // The next record is looked for at this offset.
  void seek(std::uint64_t offset);
  // The next record's header; nothing at the file's end. What is left of the record before is
  // skipped and checked like finish().
  Result<std::optional<WarcRecord>> next();

  // For responses and requests: the HTTP head up to and with its empty line. Call it before read().
  Result<std::string> read_http_head();
  // The next piece of the block, valid until the next call; empty at the block's end.
  Result<std::string_view> read();
  // What is left of the block. Errors: Errc::limit_exceeded when it is more.
  Result<std::string> read_rest(std::uint64_t bytes_max = UINT64_MAX);
  // Skips what is left of the block, checks the record's end and the member's checksum.
  Result<WarcRecordEnd> finish();

  std::uint64_t file_bytes() const;

 private:
  explicit WarcReader(std::unique_ptr<WarcInput> input);
  std::unexpected<Error> damaged(std::string_view what) const;

  std::unique_ptr<WarcInput> input_;
  std::string name_;
  bool in_record_ = false;
  std::uint64_t record_offset_ = 0;
  std::uint64_t block_left_ = 0;
};

}  // namespace trawl::storage
