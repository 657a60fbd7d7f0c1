#pragma once
// The WARC records of one exchange, ready to be written.

#include "core/crawl/state/archive.hpp"
#include "storage/warc/member.hpp"
#include "storage/warc/payload_table.hpp"
#include "storage/warc/revisit.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trawl::storage {

// What the records of one exchange have in common.
struct Capture {
  std::string id;  // of the response, or of the revisit in its place
  std::string url;
  Wall date{};
  std::string ip;
  std::vector<std::string> protocols;  // WARC-Protocol, one field each
  std::string cipher_suite;
  std::string head;          // of the answer, as it stands in a block
  std::string block_sha256;  // hex
  std::string truncated;
  bool of_no_record = false;  // see crawl::Exchange
};

// The name of a file that goes with its owner.
class OwnedFile {
 public:
  OwnedFile() = default;
  explicit OwnedFile(std::string path) : path_(std::move(path)) {}
  OwnedFile(OwnedFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  OwnedFile& operator=(OwnedFile&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
  }
  ~OwnedFile();

  bool empty() const { return path_.empty(); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The records of an exchange: first the response, then those that refer to it.
class PreparedRecords final : public crawl::Prepared {
 public:
  // The records as they stand in the file, but for a response whose body is in a file of its own.
  std::array<std::string_view, 3> pieces() const;
  // Those behind the response.
  std::string_view following() const;

  RecordFormat format;  // of bytes
  // All records, but for `body`, which stands at body_at: it is moved here and not copied where
  // nothing compresses it.
  std::string bytes;
  std::string body;
  std::size_t body_at = 0;
  std::uint64_t response_length = 0;                // 0: there is none, or it isn't here
  std::optional<crawl::ArchivePosition> unchanged;  // where it is
  std::optional<crawl::ArchivePosition> same_before;
  Capture capture;
  std::uint64_t payload_bytes = 0;
  std::string payload_sha256;  // hex; of a body in a file not known before digest_body_file()
  // Empty: the body is in the records. Kept until the records are durable, for another append().
  OwnedFile body_file;
  std::uint64_t body_file_bytes = 0;
};

// Takes bytes in order; throws what writing throws.
using RecordOutput = std::function<void(std::string_view)>;

PreparedRecords prepare_records(crawl::Exchange exchange, const RecordFormat& format);

// Codes the records anew where they were prepared for a file with another dictionary.
void recode_records(PreparedRecords& records, const RecordFormat& format);

// Fills in the digests of an exchange whose body is in a file. Throws Failure{io} when the file
// can't be read.
void digest_body_file(PreparedRecords& records);

// Writes the response record of such an exchange, whose digests are known, in constant memory.
// Throws Failure{io} when the file can't be read.
void stream_response_record(const PreparedRecords& records, const RecordFormat& format,
                            const RecordOutput& output);

// The record that takes the response's place where the archive has its payload (WARC 1.1, 6.7.2:
// identical payload digest): the HTTP head, and where to find the body.
std::string revisit_record(const PreparedRecords& records, const ArchivedPayload& original,
                           const RecordFormat& format);

// The record of an answer that said that the page kept elsewhere still holds (WARC 1.1, 6.7.3:
// server not modified). original: the record with its payload; absent when it can't be read.
std::string not_modified_record(const PreparedRecords& records,
                                const std::optional<RevisitTarget>& original,
                                const RecordFormat& format);

// A record of its own: header and block, framed and compressed.
void append_record(std::string& out, const RecordFormat& format, std::string_view header,
                   std::string_view block_head, std::string_view block_body);

}  // namespace trawl::storage
