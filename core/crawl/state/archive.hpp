#pragma once
// Archive: where bodies go. Implemented by storage; called on the job's writer thread alone, apart
// from block_head() and prepare(), which any thread may call.

#include "core/base/result.hpp"
#include "core/crawl/state/record.hpp"
#include "core/http/message/message.hpp"
#include "core/web/links/links.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::crawl {

// One exchange to be kept. The body is content-coded as the server sent it, transfer-decoded.
struct Exchange {
  std::string url;
  // "POST" and the like; with the variant it tells apart exchanges of one URL. Empty: a plain GET.
  std::string method;
  std::string variant;  // of method and body, as 16 hex digits
  std::string request_body;
  http::Response response;
  std::string content_encoding;  // of the body; empty for none
  std::string body;              // when body_file is empty
  std::string body_sha256;       // hex, of that body; empty: not known
  std::string block_head;        // Archive::block_head() of it; empty: not asked for
  std::string block_sha256;      // hex, of that and the body; empty: not known
  std::string body_file;         // absolute path in tmp/; the archive takes the file over
  std::uint64_t body_bytes = 0;
  std::string truncated;         // WARC-Truncated reason (length, time, disconnect); empty if whole
  std::vector<web::Link> links;  // of the page, to be kept beside it
  // No result record is of it, so none looks for its body: no other exchange leaves out its own for
  // being the same.
  bool of_no_record = false;
  // The server was asked and said that the page kept there has not changed (304).
  std::optional<ArchivePosition> unchanged;
  // Where the archive has the answer before this one, which had the same body once decoded.
  std::optional<ArchivePosition> same_before;
};

// Why a body is not whole, as WARC-Truncated has it (WARC 1.1, 5.13); empty when it is.
std::string_view truncated_reason(const http::Response& response, bool cut);

// An exchange made ready for writing: compressed where that needs no file access.
class Prepared {
 public:
  virtual ~Prepared() = default;
};

// A file of the archive and how many bytes of it are committed.
struct ArchiveMark {
  std::string file;  // relative to the output folder
  std::uint64_t bytes = 0;
};

class Archive {
 public:
  virtual ~Archive() = default;

  // Any thread. What is kept before the body of an exchange, which has so many bytes; empty where
  // no digest of both together is kept.
  virtual std::string block_head(const http::Response&, std::uint64_t /*body_bytes*/) const {
    return {};
  }

  // Any thread; pure CPU work on bodies in memory.
  virtual std::unique_ptr<Prepared> prepare(Exchange exchange) const = 0;

  // Any thread. Whether what was appended there is still there, as far as the file's length says.
  virtual bool has(const ArchivePosition& position) const = 0;

  // Writer thread. Start-up: cuts off everything beyond the marks, and removes files of its own of
  // which nothing was committed. Throws Failure{damaged} when a file is shorter than its mark.
  virtual void recover(const std::vector<ArchiveMark>& marks) = 0;
  // Writer thread. The position is final, but durable only after sync(). Throws Failure{io,
  // disk_full} with the file cut back to its state before the call; after io the next record goes
  // into another file.
  virtual ArchivePosition append(Prepared& prepared) = 0;
  // Writer thread. Makes all appended bytes durable; afterwards marks() may be committed. After a
  // Failure what was appended since the last sync() is lost.
  virtual void sync() = 0;
  // Whether the same Prepared may be appended again after a failed sync(); it always may be after a
  // failed append(). Until it is destroyed, a Prepared keeps what that needs.
  virtual bool can_append_again() const { return true; }
  // Writer thread. Marks that changed since the last call.
  virtual std::vector<ArchiveMark> take_marks() = 0;
  // Writer thread. All that was appended so far is committed. Does not throw: nothing that fails
  // here takes a commit back.
  virtual void on_committed() {}
  // Writer thread. What was appended since the last commit was not committed and never will be:
  // nothing that is appended later may build on it.
  virtual void abandon_batch() {}
};

}  // namespace trawl::crawl
