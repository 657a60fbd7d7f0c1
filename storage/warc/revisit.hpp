#pragma once
// Revisit records (WARC 1.1, 6.7): which kinds there are, and where the payload is that one leaves
// out.

#include "core/base/result.hpp"
#include "core/web/archive/warc_record.hpp"
#include "storage/warc/reader.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::storage {

inline constexpr std::string_view identical_payload_profile =
    "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest";

inline constexpr std::string_view not_modified_profile =
    "http://netpreserve.org/warc/1.1/revisit/server-not-modified";

// Where a record is, for readers that have no index: what Heritrix and Wayback know as
// WARC-Refers-To-Filename and WARC-Refers-To-File-Offset.
struct RecordPlace {
  std::string file;  // without a folder; empty: not known
  std::uint64_t offset = 0;
};

// What a revisit says of the record that has its payload; empty where that doesn't say.
struct RevisitTarget {
  std::string record_id;
  std::string target_uri;
  std::string date;
  std::string payload_digest;
  RecordPlace place;
};

// The target for a revisit of the record at an offset: itself, or the one that it refers to.
// Errors: what the reader gives; Errc::damaged when no record begins there.
Result<RevisitTarget> revisit_target(const std::filesystem::path& file, std::uint64_t offset);

// Whether the payload is that of the record referred to: the profiles of WARC 1.1 and 1.0 for an
// identical payload and for a server that said that nothing had changed.
bool has_payload_elsewhere(const web::WarcHeader& header);

// Whether that is so because the server said that nothing had changed.
bool is_not_modified(const web::WarcHeader& header);

// Whether a record is the one that a revisit refers to: by its id, and by the payload's digest
// where both have one.
bool is_original(const web::WarcHeader& record, const web::WarcHeader& revisit);

// Where a revisit says that its original is. It may be there no more, so whoever goes there looks
// whether it is.
std::optional<RecordPlace> referred_place(const web::WarcHeader& revisit);

// The record that a revisit refers to, its reader behind the HTTP head (empty: there is none).
struct OriginalRecord {
  WarcReader reader;
  std::string head;
};

// The original in a file at an offset. Errors: Errc::damaged when another record stands there; what
// the reader gives.
Result<OriginalRecord> open_original(const std::filesystem::path& file, std::uint64_t offset,
                                     const web::WarcHeader& revisit);

// The same, wherever it is among the WARC files of a folder. Reads them all in the worst case,
// which may be hours; stop, set by another thread, ends it at the next record. Errors:
// Errc::not_found with what was looked for; Errc::cancelled.
Result<OriginalRecord> find_original(const std::filesystem::path& folder,
                                     const web::WarcHeader& revisit,
                                     const std::atomic<bool>* stop = nullptr);

}  // namespace trawl::storage
