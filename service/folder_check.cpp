// Two passes over the archive. The first reads each file from end to end, and so finds what is
// damaged whether a record of the database names it or not; the second goes by the database, and
// finds what is sound but not what the record says.
#include "service/folder_check.hpp"

#include "core/web/digest.hpp"
#include "service/each_record.hpp"
#include "service/record_lookup.hpp"
#include "service/stored_body.hpp"
#include "storage/sqlite/queries.hpp"
#include "storage/warc/verify.hpp"

#include <fmt/format.h>

#include <string_view>
#include <system_error>
#include <utility>

namespace trawl::service {
namespace {

namespace fs = std::filesystem;

bool is_there(const fs::path& file) {
  std::error_code unknown;
  return fs::exists(file, unknown) || unknown;
}

// The digest of a body that could not be decoded to its end is of what could be.
bool is_undecoded(const crawl::Outcome& outcome) {
  return outcome.error == Errc::decode && outcome.revisit == crawl::Revisit::none;
}

// Errors: as read_stored_body(); damaged when it is another body.
Result<> check_body(const fs::path& folder, const crawl::Record& record) {
  const crawl::Outcome& outcome = record.outcome;
  const bool undecoded = is_undecoded(outcome);
  const bool raw = undecoded && outcome.archive->file.starts_with("warc/");
  web::Hasher hasher{web::Hasher::Algorithm::sha256};
  const auto read = read_stored_body(folder, record, {.raw = raw}, [&](std::string_view piece) {
    hasher.update(piece);
    return true;
  });
  if (!read || undecoded || outcome.digest.empty()) return read;
  if (const std::string found = "sha256:" + hasher.hex(); found != outcome.digest)
    return fail(Errc::damaged, fmt::format("the body has the digest {}, and the record says {}",
                                           found, outcome.digest));
  return {};
}

// What a reader says of a record, without the place, which a finding has anyway.
std::string without_place(std::string detail, const fs::path& file, std::uint64_t offset) {
  const std::string place = fmt::format("{}, record at {}: ", file.string(), offset);
  if (detail.starts_with(place)) detail.erase(0, place.size());
  return detail;
}

std::string fault_of(const fs::path& folder, const crawl::Record& record) {
  try {
    const auto checked = check_body(folder, record);
    return checked ? std::string{} : checked.error().detail;
  } catch (const Failure& failure) {  // a file that can't be read
    if (failure.code() != Errc::io) throw;
    return failure.error().detail;
  }
}

}  // namespace

FolderCheck::FolderCheck(fs::path folder, storage::Db& db, Report report)
    : folder_(std::move(folder)), db_(db), report_(std::move(report)) {}

void FolderCheck::run() {
  check_database();
  for (const auto& mark : storage::archive_marks(db_))
    if (mark.bytes > 0 && mark.file.starts_with("warc/")) check_archive(mark.file, mark.bytes);
  each_record(db_, [this](const crawl::Record& record) {
    ++figures_.records;
    if (record.outcome.archive) check_record(record);
    return true;
  });
}

void FolderCheck::check_database() {
  if (std::string fault = storage::database_fault(db_); !fault.empty())
    report_({.file = "crawl.db", .detail = std::move(fault)});
}

void FolderCheck::check_archive(const std::string& file, std::uint64_t bytes) {
  ++figures_.files;
  bool faulty = false;
  const auto report = [&](Finding finding) {
    faulty = true;
    finding.file = file;
    report_(finding);
  };
  std::uint64_t end = 0;  // of the last whole record
  const auto visit = [&end](const storage::WarcRecord& record, std::uint64_t length) {
    end = record.offset + length;
  };
  if (!is_there(folder_ / file)) {
    cut_archives_.push_back({file, 0});
    report({.missing = true, .detail = "is not there"});
  } else if (const auto summary = storage::verify_warc(folder_ / file, visit); !summary) {
    report({.detail = summary.error().detail});
  } else {
    if (summary->bytes < bytes) {
      cut_archives_.push_back({file, end});
      report(
          {.detail = fmt::format("has {} bytes, and crawl.db knows of {}", summary->bytes, bytes)});
    }
    for (const auto& fault : summary->faults)
      if (fault.offset < bytes)
        report({.offset = fault.offset,
                .detail = without_place(fault.what, folder_ / file, fault.offset)});
    if (summary->fault_count > summary->faults.size())
      report({.detail = fmt::format("has {} faults more",
                                    summary->fault_count - summary->faults.size())});
  }
  if (faulty) ++figures_.faulty_files;
}

void FolderCheck::check_record(const crawl::Record& record) {
  ++figures_.bodies;
  if (record.outcome.truncated) ++figures_.cut;
  std::string fault = fault_of(folder_, record);
  if (fault.empty()) return;
  // A job that runs may have replaced the page since the record was read.
  const auto again = look_up(db_, record.url, record.method);
  if (!again || !*again || (*again)->id != record.id || !(*again)->outcome.archive ||
      ((*again)->outcome.archive == record.outcome.archive &&
       (*again)->outcome.digest == record.outcome.digest))
    return report_body(record, std::move(fault));
  fault = fault_of(folder_, **again);
  if (!fault.empty()) report_body(**again, std::move(fault));
}

void FolderCheck::report_body(const crawl::Record& record, std::string detail) {
  const crawl::ArchivePosition& position = *record.outcome.archive;
  Finding finding{.record = &record, .file = position.file, .detail = std::move(detail)};
  finding.missing = !is_there(folder_ / position.file);
  if (finding.missing) finding.detail = "is not there";
  if (position.file.starts_with("warc/")) {
    finding.offset = position.offset;
    finding.detail =
        without_place(std::move(finding.detail), folder_ / position.file, position.offset);
  }
  ++(finding.missing ? figures_.missing : figures_.damaged);
  report_(finding);
}

}  // namespace trawl::service
