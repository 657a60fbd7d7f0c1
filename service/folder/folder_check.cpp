// Two passes over the archive. The first reads each file from end to end, and so finds what is
// damaged whether a record of the database names it or not; the second goes by the database, and
// finds what is sound but not what the record says.
#include "service/folder/folder_check.hpp"

#include "core/web/digest.hpp"
#include "service/records/each_record.hpp"
#include "service/records/stored_body.hpp"
#include "storage/sqlite/queries.hpp"
#include "storage/warc/file_name.hpp"
#include "storage/warc/verify.hpp"

#include <fmt/format.h>

#include <system_error>
#include <utility>

namespace trawl::service {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t suspects_max = 4096;

bool is_there(const fs::path& file) {
  std::error_code unknown;
  return fs::exists(file, unknown) || unknown;
}

// The digest of a body that could not be decoded to its end is of what could be.
bool is_undecoded(const crawl::Outcome& outcome) {
  return outcome.error == Errc::decode && outcome.revisit == crawl::Revisit::none;
}

// What a reader says of a record, without the place, which a finding has anyway.
std::string without_place(std::string detail, const fs::path& file, std::uint64_t offset) {
  const std::string place = fmt::format("{}, record at {}: ", file.string(), offset);
  if (detail.starts_with(place)) detail.erase(0, place.size());
  return detail;
}

Problem problem_of(const fs::path& file, Errc code) {
  if (!is_there(file)) return Problem::missing;
  return code == Errc::io ? Problem::unreadable : Problem::damaged;
}

}  // namespace

std::string_view to_string(Problem problem) {
  switch (problem) {
    case Problem::damaged:
      return "damaged";
    case Problem::missing:
      return "missing";
    case Problem::unreadable:
      break;
  }
  return "unreadable";
}

FolderCheck::FolderCheck(fs::path folder, storage::Db& db, Report report,
                         std::function<void()> before_second_look)
    : folder_(std::move(folder)),
      db_(db),
      report_(std::move(report)),
      before_second_look_(std::move(before_second_look)) {}

void FolderCheck::run() {
  check_database();
  for (const auto& mark : storage::archive_marks(db_))
    if (mark.file.starts_with("warc/")) check_archive(mark);
  each_record(db_, [this](const crawl::Record& record) {
    ++figures_.records;
    if (record.outcome.archive) check_record(record);
    return true;
  });
  check_again();
}

void FolderCheck::check_database() {
  std::string fault = storage::database_fault(db_);
  figures_.database_read = true;
  if (fault.empty()) return;
  figures_.database_sound = false;
  report_({.file = "crawl.db", .detail = std::move(fault)});
}

// Of one that was given up the whole records are still what others refer to; no more is asked of
// it.
void FolderCheck::check_archive(const crawl::ArchiveMark& mark) {
  if (!storage::is_warc_name(mark.file)) {
    ++figures_.files;
    ++figures_.faulty_files;
    report_({.file = mark.file, .detail = "crawl.db names a file outside its folder"});
    return;
  }
  const bool given_up = mark.bytes == 0;
  const fs::path path = folder_ / mark.file;
  if (given_up && !is_there(path)) return;
  if (!given_up) ++figures_.files;
  bool faulty = false;
  const auto report = [&](Finding finding) {
    if (given_up) return;
    faulty = true;
    finding.file = mark.file;
    report_(finding);
  };
  const auto number = static_cast<std::uint32_t>(files_.size());
  files_.push_back(mark.file);
  if (is_there(path) && !fs::is_regular_file(path)) {
    some_unreadable_ = true;
    report({.problem = Problem::unreadable, .detail = "is no regular file"});
    if (faulty) ++figures_.faulty_files;
    return;
  }
  const auto visit = [&](const storage::WarcRecord& record, std::uint64_t length) {
    // What a job that runs adds begins where that ends.
    if (record.offset < mark.bytes && record.offset + length > mark.bytes)
      report({.offset = record.offset,
              .detail = fmt::format("a record goes on behind the {} bytes that crawl.db knows of: "
                                    "this is another file",
                                    mark.bytes)});
    if (record.header.type == "response" || record.header.type == "resource")
      originals_.try_emplace(web::fingerprint(record.header.record_id),
                             Place{.file = number, .offset = record.offset});
  };
  const auto summary = storage::verify_warc(path, visit);
  if (!is_there(path)) {
    cut_archives_.push_back({mark.file, 0});
    report({.problem = Problem::missing, .detail = "is not there"});
  } else if (!summary) {
    some_unreadable_ = true;
    report({.problem = problem_of(path, summary.error().code), .detail = summary.error().detail});
  } else {
    if (summary->bytes < mark.bytes) {
      cut_archives_.push_back({mark.file, 0});
      report({.detail = fmt::format("has {} bytes, and crawl.db knows of {}", summary->bytes,
                                    mark.bytes)});
    }
    for (const auto& fault : summary->faults) {
      if (!given_up && fault.offset >= mark.bytes) continue;
      const auto what = without_place(fault.what, path, fault.offset);
      faults_[mark.file].emplace(fault.offset, what);
      report({.offset = fault.offset, .detail = what});
    }
    if (summary->fault_count > summary->faults.size())
      report({.detail = fmt::format("has {} faults more",
                                    summary->fault_count - summary->faults.size())});
    ends_[mark.file] = summary->bytes;
  }
  if (faulty) ++figures_.faulty_files;
}

std::optional<crawl::ArchivePosition> FolderCheck::original(std::string_view record_id) const {
  const auto found = originals_.find(web::fingerprint(record_id));
  if (found == originals_.end()) return std::nullopt;
  return crawl::ArchivePosition{.file = files_[found->second.file], .offset = found->second.offset};
}

void FolderCheck::check_record(const crawl::Record& record) {
  ++figures_.bodies;
  if (record.outcome.truncated) ++figures_.cut;
  if (check_body(record)) return;
  suspects_.push_back(record.id);
  if (suspects_.size() >= suspects_max) check_again();
}

// A job that runs may have replaced the page since the record was read, or was about to say so.
void FolderCheck::check_again() {
  if (suspects_.empty()) return;
  before_second_look_();
  for (const crawl::UrlId id : std::exchange(suspects_, {})) {
    const auto now = storage::find_record(db_, id);
    if (!now || !now->outcome.archive) continue;
    if (const auto checked = check_body(*now); !checked) report_body(*now, checked.error());
  }
}

// Errors: as read_stored_body(); damaged when it is another body; io.
Result<> FolderCheck::check_body(const crawl::Record& record) const {
  const crawl::Outcome& outcome = record.outcome;
  const bool undecoded = is_undecoded(outcome);
  const crawl::ArchivePosition& position = *outcome.archive;
  const bool in_file = position.file.starts_with("files/");
  std::error_code unknown;
  const auto kind = fs::status(folder_ / position.file, unknown).type();
  if (kind != fs::file_type::regular && kind != fs::file_type::not_found)
    return fail(Errc::io, unknown ? unknown.message() : "is no regular file");
  // What is read of a body need not be all that is kept of it.
  if (const auto file = faults_.find(position.file); file != faults_.end())
    if (const auto fault = file->second.find(position.offset); fault != file->second.end())
      return fail(Errc::damaged, fault->second);
  if (in_file && undecoded && fs::file_size(folder_ / position.file, unknown) != position.length &&
      !unknown)
    return fail(Errc::damaged, "is not as long as it was");
  const std::function<std::optional<crawl::ArchivePosition>(std::string_view)> originals =
      [this](std::string_view id) { return original(id); };
  // What was archived since the first pass refers to what isn't known here.
  const auto end = ends_.find(position.file);
  const bool is_known = end != ends_.end() && position.offset < end->second;
  const BodyForm form{.raw = undecoded && !in_file, .originals = is_known ? &originals : nullptr};
  web::Hasher hasher{web::Hasher::Algorithm::sha256};
  try {
    const auto read = read_stored_body(folder_, record, form, [&](std::string_view piece) {
      hasher.update(piece);
      return true;
    });
    // It may be in the file that nobody can read.
    if (!read && read.error().code == Errc::not_found && some_unreadable_)
      return fail(Errc::io, read.error().detail);
    if (!read || undecoded || outcome.digest.empty()) return read;
  } catch (const Failure& failure) {  // a file that can't be read
    if (failure.code() != Errc::io) throw;
    return std::unexpected(failure.error());
  }
  if (const std::string found = "sha256:" + hasher.hex(); found != outcome.digest)
    return fail(Errc::damaged, fmt::format("the body has the digest {}, and the record says {}",
                                           found, outcome.digest));
  return {};
}

void FolderCheck::report_body(const crawl::Record& record, const Error& fault) {
  const crawl::ArchivePosition& position = *record.outcome.archive;
  const fs::path path = folder_ / position.file;
  Finding finding{.problem = problem_of(path, fault.code),
                  .record = &record,
                  .file = position.file,
                  .detail = fault.detail};
  if (finding.problem == Problem::missing) finding.detail = "is not there";
  if (position.file.starts_with("warc/")) {
    finding.offset = position.offset;
    finding.detail = without_place(std::move(finding.detail), path, position.offset);
  }
  ++(finding.problem == Problem::missing      ? figures_.missing
     : finding.problem == Problem::unreadable ? figures_.unreadable
                                              : figures_.damaged);
  report_(finding);
}

}  // namespace trawl::service
