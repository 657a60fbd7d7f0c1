// A bit that flips in the middle of an archive must not hide the records after it, so each fault is
// noted and reading goes on at the next record that can be found.
#include "storage/warc/verify.hpp"

#include "core/web/digest.hpp"
#include "storage/warc/labelled_digest.hpp"
#include "storage/warc/payload.hpp"
#include "storage/warc/scan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace trawl::storage {
namespace {

// The payload's digest, which in an http block is that of the body after the head; some producers
// keep the body chunked, and take the digest of either form.
class PayloadCheck {
 public:
  explicit PayloadCheck(const WarcRecord& record)
      : expected_(record.header.type == "revisit" ? std::string()
                                                  : record.header.field("WARC-Payload-Digest")),
        plain_(expected_.hasher()),
        unchunked_(expected_.hasher()),
        payload_(record.header.content_type.starts_with("application/http")) {}

  void add(std::string_view piece) {
    if (!expected_.known()) return;
    payload_.add(
        piece, [&](std::string_view body) { plain_.update(body); },
        [&](std::string_view body) { unchunked_.update(body); });
  }

  bool holds() {
    return !expected_.known() || expected_.matches(plain_) ||
           (payload_.chunked() && expected_.matches(unchunked_));
  }

 private:
  ExpectedDigest expected_;
  web::Hasher plain_, unchunked_;
  PayloadSplitter payload_;
};

// What WARC 1.1 asks of a record's named fields (clauses 5 and 6); empty when all is well.
std::string field_fault(const web::WarcHeader& header) {
  const std::string refers_to = header.field("WARC-Refers-To");
  const bool needs_uri = header.type == "response" || header.type == "resource" ||
                         header.type == "request" || header.type == "revisit" ||
                         header.type == "conversion" || header.type == "continuation";
  if (needs_uri && header.target_uri.empty()) return "WARC-Target-URI is missing";
  if (!refers_to.empty() && (!refers_to.starts_with('<') || !refers_to.ends_with('>')))
    return "WARC-Refers-To is no record id in angle brackets";
  if (!refers_to.empty() && refers_to == header.record_id) return "the record refers to itself";
  if (header.type == "revisit") {
    const std::string profile = header.field("WARC-Profile");
    if (profile.empty()) return "the revisit has no WARC-Profile";
    if (profile.ends_with("identical-payload-digest") &&
        header.field("WARC-Payload-Digest").empty())
      return "the revisit of an identical payload has no WARC-Payload-Digest";
    return {};
  }
  if (!header.field("WARC-Profile").empty()) return "WARC-Profile is for revisits alone";
  for (const char* name : {"WARC-Refers-To-Target-URI", "WARC-Refers-To-Date"})
    if (!header.field(name).empty()) return fmt::format("{} is for revisits alone", name);
  if (!refers_to.empty() && header.type != "metadata" && header.type != "conversion")
    return fmt::format("WARC-Refers-To is not for records of the type {}", header.type);
  return {};
}

class Verification {
 public:
  Verification(WarcReader& reader, const WarcVisit& visit) : reader_(reader), visit_(visit) {
    summary_.bytes = reader.file_bytes();
  }

  // False at the file's end. Errors: the record can't be read to its end.
  Result<bool> check_next() {
    auto next = reader_.next();
    if (!next) return std::unexpected(std::move(next.error()));
    if (!*next) return false;
    const WarcRecord& record = **next;
    offset = record.offset;
    const ExpectedDigest block_digest(record.header.field("WARC-Block-Digest"));
    web::Hasher block = block_digest.hasher();
    PayloadCheck payload(record);
    for (;;) {
      auto piece = reader_.read();
      if (!piece) return std::unexpected(std::move(piece.error()));
      if (piece->empty()) break;
      if (block_digest.known()) block.update(*piece);
      payload.add(*piece);
    }
    auto end = reader_.finish();
    if (!end) return std::unexpected(std::move(end.error()));
    ++summary_.records;
    count_type(record.header.type);
    if (block_digest.known() && !block_digest.matches(block))
      fault("the block's digest does not match");
    if (!payload.holds()) fault("the payload's digest does not match");
    if (auto fields = field_fault(record.header); !fields.empty()) fault(std::move(fields));
    if (!ids_.insert(web::fingerprint(record.header.record_id)).second)
      fault("the record id occurs twice");
    if (record.compressed && (!record.starts_member || !end->ends_member))
      fault("the record is not a gzip member or zstd frame of its own");
    if (!end->frame_fault.empty()) fault(end->frame_fault);
    if (visit_) visit_(record, end->length);
    // A member that goes on after its record may be damaged and have run into the next one.
    if (end->ends_member) offset += end->length;
    return true;
  }

  void fault(std::string what) {
    ++summary_.fault_count;
    if (summary_.faults.size() < warc_faults_max)
      summary_.faults.push_back({offset, std::move(what)});
  }

  WarcSummary take() { return std::move(summary_); }
  std::uint64_t offset =
      0;  // of the record at hand; records after a fault are looked for behind it

 private:
  // WARC 1.1 has eight types; a file from elsewhere may have another one in each record.
  void count_type(const std::string& type) {
    constexpr std::size_t types_max = 64, type_bytes_max = 64;
    const bool named = type.size() <= type_bytes_max &&
                       (summary_.types.size() < types_max || summary_.types.contains(type));
    ++summary_.types[named ? type : "other"];
  }

  WarcReader& reader_;
  const WarcVisit& visit_;
  WarcSummary summary_;
  std::unordered_set<std::uint64_t> ids_;
};

}  // namespace

Result<WarcSummary> verify_warc(const std::filesystem::path& file, const WarcVisit& visit) {
  auto reader = WarcReader::open(file);
  if (!reader) return std::unexpected(std::move(reader.error()));
  Verification verification(*reader, visit);
  try {
    const auto raw = FileHandle::open_for_reading(file);
    bool searching = false;
    for (;;) {
      auto more = verification.check_next();
      if (more && !*more) break;
      if (more) {
        searching = false;
        continue;
      }
      // While searching, places that only look like a record are no faults of their own.
      if (!searching) verification.fault(more.error().detail);
      searching = true;
      const auto found = find_record(raw, verification.offset + 1);
      if (!found) break;
      verification.offset = *found;
      reader->seek(*found);
    }
    if (verification.offset == 0 && reader->file_bytes() == 0)
      verification.fault("the file is empty");
  } catch (const Failure& failure) {
    return std::unexpected(failure.error());
  }
  return verification.take();
}

}  // namespace trawl::storage
