// One write call per exchange: a failure then belongs to one exchange, and cutting the file back to
// where it was undoes it. Durability comes once a batch, with sync().
#include "storage/warc/writer.hpp"

#include "core/base/log.hpp"
#include "core/web/archive/warc_record.hpp"
#include "storage/warc/file_name.hpp"
#include "storage/warc/find_payload.hpp"
#include "storage/warc/http_head.hpp"
#include "storage/warc/records.hpp"
#include "storage/warc/zstd_dictionary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace trawl::storage {
namespace {

namespace fs = std::filesystem;

// Smaller payloads are hardly larger than what a revisit says instead.
constexpr std::uint64_t shared_payload_bytes_min = 512;

void create_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw_system_error(error.value(), "create the folder", folder);
}

}  // namespace

WarcArchive::WarcArchive(WarcOptions options, Clock& clock)
    : options_(std::move(options)),
      folder_(options_.output_dir / "warc"),
      clock_(clock),
      payloads_(options_.dedup_memory_bytes_max) {}

WarcArchive::~WarcArchive() = default;

std::string WarcArchive::block_head(const http::Response& response,
                                    std::uint64_t body_bytes) const {
  return archived_response_head(response, body_bytes);
}

std::unique_ptr<crawl::Prepared> WarcArchive::prepare(crawl::Exchange exchange) const {
  return std::make_unique<PreparedRecords>(prepare_records(std::move(exchange), format()));
}

bool WarcArchive::has(const crawl::ArchivePosition& position) const {
  return file_reaches(options_.output_dir / position.file, position.offset + position.length);
}

crawl::ArchivePosition WarcArchive::append(crawl::Prepared& prepared) {
  auto& records = static_cast<PreparedRecords&>(prepared);
  if (!records.body_file.empty()) digest_body_file(records);
  consider_dictionary();
  recode_records(records, format());
  if (records.unchanged) return write_not_modified(records);
  const std::string revisit = revisit_instead(records);
  const auto position = revisit.empty() ? write_response(records) : write_revisit(records, revisit);
  if (revisit.empty() && may_be_shared(records))
    payloads_.insert(records.payload_sha256,
                     {records.capture.id,
                      records.capture.url,
                      records.capture.date,
                      {fs::path{position.file}.filename().string(), position.offset}});
  return position;
}

RecordFormat WarcArchive::format() const {
  const std::lock_guard lock{mutex_};
  return {options_.compression, options_.level, dictionary_};
}

// Once a run: when its first file has enough to learn from, the next file begins with a dictionary.
void WarcArchive::consider_dictionary() {
  if (dictionary_considered_ || !options_.dictionary || !current_ ||
      options_.compression != crawl::WarcCompression::zstd ||
      current_->size < options_.dictionary_after_bytes)
    return;
  dictionary_considered_ = true;
  auto dictionary = ZstdDictionary::learn(options_.output_dir / current_->name, options_.level);
  if (!dictionary) return;
  end_current();
  const std::lock_guard lock{mutex_};
  dictionary_ = std::move(dictionary);
}

bool WarcArchive::may_be_shared(const PreparedRecords& records) const {
  return options_.dedup && records.payload_bytes >= shared_payload_bytes_min &&
         records.capture.truncated.empty() && !records.capture.of_no_record;
}

// Empty when the payload is new, or when its own record is no larger.
std::string WarcArchive::revisit_instead(const PreparedRecords& records) {
  if (!may_be_shared(records)) return {};
  const ArchivedPayload* original = payloads_.find(records.payload_sha256);
  if (original == nullptr) original = kept_before(records);
  if (original == nullptr) return {};
  std::string revisit = revisit_record(records, *original, format());
  const bool in_file = !records.body_file.empty();
  if (!in_file && revisit.size() >= records.response_length) return {};
  return revisit;
}

// That another run archived. What can't be read back is no reason to leave anything out.
const ArchivedPayload* WarcArchive::kept_before(const PreparedRecords& records) {
  if (!records.same_before || !records.same_before->file.starts_with(warc_folder_name))
    return nullptr;
  const auto& [file, offset, length] = *records.same_before;
  auto found = find_payload(options_.output_dir / file, offset, records.payload_sha256);
  if (found) {
    payloads_.insert(records.payload_sha256, std::move(*found));
    return payloads_.find(records.payload_sha256);
  }
  if (found.error().code != Errc::not_found)
    log("archive")->warn("{} is kept once more: {}", printable(records.capture.url),
                         found.error().detail);
  return nullptr;
}

crawl::ArchivePosition WarcArchive::write_response(const PreparedRecords& records) {
  return write([&](const PieceOutput& output) {
    std::uint64_t length = records.response_length;
    if (!records.body_file.empty())
      stream_response_record(records, format(), [&](std::string_view bytes) {
        output(std::array{bytes});
        length += bytes.size();
      });
    output(records.pieces());
    return length;
  });
}

crawl::ArchivePosition WarcArchive::write_not_modified(const PreparedRecords& records) {
  const auto& [file, offset, length] = *records.unchanged;
  const auto target = revisit_target(options_.output_dir / file, offset);
  if (!target)
    log("archive")->warn("the page that {} still has is not where it was: {}",
                         printable(records.capture.url), target.error().detail);
  return write_revisit(
      records,
      not_modified_record(records, target ? std::optional{*target} : std::nullopt, format()));
}

crawl::ArchivePosition WarcArchive::write_revisit(const PreparedRecords& records,
                                                  std::string_view revisit) {
  return write([&](const PieceOutput& output) {
    output(std::array{revisit, records.following()});
    return revisit.size();
  });
}

// produce writes one exchange and returns the length of its first record. All of it or nothing.
crawl::ArchivePosition WarcArchive::write(
    const std::function<std::uint64_t(const PieceOutput&)>& produce) {
  Output& output = writable_output();
  const std::uint64_t start = output.size;
  std::uint64_t position = start, length = 0;
  try {
    length = produce([&](std::span<const std::string_view> pieces) {
      output.file.write_at(position, pieces);
      for (const std::string_view piece : pieces) position += piece.size();
    });
  } catch (const Failure& failure) {
    cut(start);
    // What a file that can't be written holds is no place for further records.
    if (failure.code() == Errc::io && current_) end_current();
    throw;
  } catch (...) {
    cut(start);
    throw;
  }
  output.size = position;
  return {output.name, start, length};
}

// Undoes a failed write. A file that can't even be cut is given up; its mark stays where it was, so
// that the next start cuts it.
void WarcArchive::cut(std::uint64_t bytes) {
  assert(bytes >= current_->synced);
  try {
    current_->file.truncate(bytes);
  } catch (const Failure& failure) {
    log("archive")->error("{}; the archive goes on in a new file", failure.what());
    end_current();
  }
}

WarcArchive::Output& WarcArchive::writable_output() {
  if (current_ && current_->size >= options_.warc_size_bytes) end_current();
  if (!current_) current_ = create_output();
  return *current_;
}

// The next record goes into a new file.
void WarcArchive::end_current() {
  if (current_->size > current_->synced) full_.push_back(std::move(current_));
  current_.reset();
}

std::unique_ptr<WarcArchive::Output> WarcArchive::create_output() {
  create_folder(folder_);
  const Wall now = clock_.wall();
  auto output = std::make_unique<Output>();
  std::string name;
  do {
    name = warc_file_name(options_.job_name, now, next_serial_++, options_.compression);
  } while (fs::exists(folder_ / name));
  output->name = std::string(warc_folder_name) + name;
  const RecordFormat format = this->format();
  std::string record = format.dictionary ? format.dictionary->file_frame() : "";
  record += warcinfo_record(name);
  try {
    // First, so that no crash leaves the file without it.
    static_cast<void>(FileHandle::create(note_of(output->name)));
    uncommitted_.insert(output->name);
    output->file = FileHandle::create(folder_ / name);
    output->file.write_at(0, record);
  } catch (...) {
    remove_output(output->name);
    --next_serial_;  // a disk that is full for hours uses up no serials
    throw;
  }
  output->size = record.size();
  return output;
}

std::string WarcArchive::warcinfo_record(const std::string& file_name) const {
  std::string block;
  const auto write = [&block](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    block.append(name).append(": ");
    for (const char c : value)
      if (static_cast<unsigned char>(c) >= 0x20) block += c;
    block.append("\r\n");
  };
  const auto field = [&](std::string_view name, std::string_view value) {
    if (http::find_header(options_.info, name).empty()) write(name, value);
  };
  field("software", options_.software);
  field("format", "WARC File Format 1.1");
  field("conformsTo",
        "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/");
  field("isPartOf", options_.job_name);
  field("operator", options_.contact);
  field("robots", options_.robots);
  field("http-header-user-agent", options_.user_agent);
  for (const auto& [name, value] : options_.info) write(name, value);
  web::WarcHeader header{.type = "warcinfo",
                         .record_id = web::new_record_id(),
                         .date = clock_.wall(),
                         .content_type = "application/warc-fields",
                         .content_length = block.size(),
                         .fields = {{"WARC-Filename", file_name}}};
  std::string out;
  append_record(out, format(), web::format_warc_header(header), block, {});
  return out;
}

void WarcArchive::sync() {
  const auto marks = marks_;
  try {
    sync_all();
  } catch (...) {
    // Of this batch nothing may be committed later, or a revisit could outlive its original.
    marks_ = marks;
    abandon_batch();  // first, as what follows may fail in its turn
    for (const auto& output : full_) give_up(*output);
    full_.clear();
    if (current_) forget_unsynced();
    throw;
  }
}

// Never written to again, as what a file holds behind its last sync is unknown once a sync has
// failed. What of that is still there goes now if it can, and at the next start otherwise.
void WarcArchive::give_up(Output& output) {
  const std::filesystem::path path = options_.output_dir / output.name;
  try {
    output.synced > 0 ? output.file.truncate(output.synced) : remove_output(output.name);
  } catch (const Failure& failure) {
    log("archive")->error("{}; it is cut at the next start", failure.what());
  }
}

void WarcArchive::forget_unsynced() {
  current_->size = current_->synced;
  if (current_->size > 0) return cut(current_->size);
  // Without its first records it is no archive.
  const std::string name = current_->name;
  current_.reset();
  remove_output(name);
}

void WarcArchive::sync_all() {
  while (!full_.empty()) {
    // Taken out first: whatever happens, a file is synced once and not again.
    const auto output = std::move(full_.back());
    full_.pop_back();
    sync_output(*output);
  }
  if (!current_ || current_->size == current_->synced) return;
  auto output = std::move(current_);
  sync_output(*output);
  current_ = std::move(output);
}

void WarcArchive::abandon_batch() {
  payloads_.clear();
  being_committed_.clear();
}

void WarcArchive::sync_output(Output& output) {
  try {
    output.file.sync_data();
    if (!output.folder_synced) {
      sync_directory(folder_);
      sync_directory(options_.output_dir);
      output.folder_synced = true;
    }
  } catch (const Failure&) {
    give_up(output);
    throw;
  }
  output.synced = output.size;
  const auto mark = std::find_if(marks_.begin(), marks_.end(),
                                 [&](const auto& m) { return m.file == output.name; });
  if (mark != marks_.end())
    mark->bytes = output.size;
  else
    marks_.push_back({output.name, output.size});
}

std::vector<crawl::ArchiveMark> WarcArchive::take_marks() {
  for (const auto& mark : marks_)
    if (uncommitted_.contains(mark.file)) being_committed_.push_back(mark.file);
  return std::exchange(marks_, {});
}

}  // namespace trawl::storage
