// A batch of few files is synced file by file, a large one with two syncfs calls: one before the
// renames, for the contents, and one after them, for the names.
#include "storage/files/writer.hpp"

#include "core/base/log.hpp"
#include "core/crawl/state/kept_part.hpp"
#include "core/crawl/state/retry_after.hpp"
#include "core/web/coding/decode.hpp"
#include "storage/files/file_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

namespace trawl::storage {
namespace {

constexpr std::string_view mark_name = "files";

constexpr std::size_t synced_one_by_one_max = 64;
constexpr std::size_t folders_known_max = 4096;
constexpr std::size_t read_step_bytes = 256 * 1024;
// Decoded ahead of writing, on whatever thread; larger bodies are decoded as they are written.
constexpr std::uint64_t decoded_ahead_bytes_max = 4 << 20;

class PreparedFile final : public crawl::Prepared {
 public:
  crawl::Exchange exchange;
  std::string named_by;
  bool coded = false;  // the body has still to be decoded
};

bool is_coded(std::string_view content_encoding) {
  return content_encoding.find_first_not_of(" \t,") != std::string_view::npos &&
         content_encoding != "identity";
}

// A request with another method or body is told apart as if by a parameter of its own.
std::string named_url(const crawl::Exchange& exchange) {
  if (exchange.variant.empty()) return exchange.url;
  return fmt::format("{}{}{}-{}", exchange.url, exchange.url.contains('?') ? '&' : '?',
                     exchange.method, exchange.variant);
}

// Without a '/' at the end, so that it is among the parents of the paths in it.
FileOptions normalised(FileOptions options) {
  options.output_dir = std::filesystem::absolute(options.output_dir).lexically_normal();
  if (!options.output_dir.has_filename()) options.output_dir = options.output_dir.parent_path();
  return options;
}

}  // namespace

FileArchive::FileArchive(FileOptions options)
    : options_(normalised(std::move(options))), temporary_folder_(options_.output_dir / "tmp") {}

FileArchive::~FileArchive() {
  try {
    discard_pending();
  } catch (const Failure& failure) {
    log("archive")->error("{}", failure.what());
  }
}

std::unique_ptr<crawl::Prepared> FileArchive::prepare(crawl::Exchange exchange) const {
  auto prepared = std::make_unique<PreparedFile>();
  prepared->named_by = named_url(exchange);
  prepared->coded = is_coded(exchange.content_encoding);
  if (prepared->coded && exchange.body_file.empty()) {
    const std::uint64_t ahead = std::min(decoded_ahead_bytes_max, options_.decoded_bytes_max);
    auto decoded =
        web::decode_all(exchange.content_encoding, exchange.body, {.decoded_bytes_max = ahead});
    if (!decoded) {
      prepared->coded = false;  // Damaged: kept as it came.
    } else if (!decoded->truncated || ahead == options_.decoded_bytes_max) {
      prepared->coded = false;
      exchange.body = std::move(decoded->body);
    }
  }
  prepared->exchange = std::move(exchange);
  return prepared;
}

void FileArchive::recover(const std::vector<crawl::ArchiveMark>& marks) {
  for (const auto& mark : marks)
    if (mark.file == mark_name) generation_ = mark.bytes;
  if (!std::filesystem::exists(temporary_folder_)) return;
  for (const auto& entry : std::filesystem::directory_iterator(temporary_folder_)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_directory() && name.starts_with(replaced_prefix)) {
      const auto number = std::strtoull(name.c_str() + replaced_prefix.size(), nullptr, 10);
      if (number > generation_) put_back(entry.path());
      std::filesystem::remove_all(entry.path());
    } else if (entry.is_regular_file() && !name.starts_with(crawl::part_prefix)) {
      remove_file(entry.path());
    }
  }
}

void FileArchive::put_back(const std::filesystem::path& replaced) const {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(replaced)) {
    if (!entry.is_symlink() && !entry.is_regular_file()) continue;
    const auto target = options_.output_dir / entry.path().lexically_relative(replaced);
    auto folder = target.parent_path();
    std::error_code failed;
    // Somebody may have removed it since.
    const bool is_new = std::filesystem::create_directories(folder, failed);
    if (failed) throw_system_error(failed.value(), "create the folder", folder);
    rename_file(entry.path(), target);
    sync_directory(folder);
    while (is_new && folder != options_.output_dir) sync_directory(folder = folder.parent_path());
  }
}

std::vector<crawl::ArchiveMark> FileArchive::take_marks() {
  if (!aside_) return {};
  return {{std::string{mark_name}, generation_}};
}

void FileArchive::on_committed() {
  if (!aside_) return;
  std::error_code left;  // what stays goes at the next start
  std::filesystem::remove_all(*aside_, left);
  aside_.reset();
}

bool FileArchive::has(const crawl::ArchivePosition& position) const {
  return file_reaches(options_.output_dir / position.file, position.length);
}

crawl::ArchivePosition FileArchive::append(crawl::Prepared& prepared) {
  auto& body = static_cast<PreparedFile&>(prepared);
  const crawl::Exchange& exchange = body.exchange;
  const std::string name = name_of(body.named_by, exchange.url);
  create_folders((options_.output_dir / name).parent_path());
  create_folders(temporary_folder_);
  if (!output_folder_.is_open()) output_folder_ = FileHandle::open_directory(options_.output_dir);

  Pending pending;
  std::uint64_t size = 0;
  if (!exchange.body_file.empty() && !body.coded) {
    pending.file = FileHandle::open_for_writing(exchange.body_file);
    pending.temporary = exchange.body_file;
    size = pending.file.size();
  } else {
    pending = create_temporary();
    try {
      size = write_body(pending, exchange, body.coded);
    } catch (...) {
      remove_file(pending.temporary);
      throw;
    }
    if (!exchange.body_file.empty()) remove_file(exchange.body_file);
  }
  pending.name = name;
  pending.url = exchange.url;
  const auto& response = exchange.response;
  const auto modified = crawl::parse_http_date(http::find_header(response.headers, "last-modified"),
                                               response.started);
  if (modified && *modified <= response.started) pending.file.set_modified(*modified);
  // Too many to sync one by one, and too many to keep open.
  if (pending_.size() == synced_one_by_one_max)
    for (Pending& other : pending_) other.file.close();
  if (pending_.size() >= synced_one_by_one_max) pending.file.close();
  pending_.push_back(std::move(pending));
  return {name, 0, size};
}

std::string FileArchive::name_of(const std::string& named_by, const std::string& url) const {
  const bool portable = options_.names == crawl::FileNames::portable;
  std::string name = portable ? file_name_for(named_by) : server_file_name_for(named_by);
  return meets_others(name) || is_anothers(name, url) ? aside_file_name_for(named_by) : name;
}

// Also of portable names, which meet those of an earlier run that called files as on the server.
// By records alone, not by what lies in the folder: a file may be one that the URL had before, and
// one that is gone is still the other's, who would take what is put there for its own.
bool FileArchive::is_anothers(const std::string& name, const std::string& url) const {
  if (!has_other_spelling(name)) return false;
  return std::ranges::any_of(
             pending_, [&](const Pending& file) { return file.name == name && file.url != url; }) ||
         (options_.is_anothers && options_.is_anothers(name, url));
}

// Whether a file is to be where a folder is, or the other way round; of portable names only where
// the folder has others, too.
bool FileArchive::meets_others(const std::string& name) const {
  std::error_code unknown;
  const std::filesystem::path path = options_.output_dir / name;
  if (std::filesystem::is_directory(path, unknown)) return true;
  const auto is_file = [&](const std::filesystem::path& folder) {
    const auto named = folder.lexically_relative(options_.output_dir).string();
    return (std::filesystem::exists(folder, unknown) &&
            !std::filesystem::is_directory(folder, unknown)) ||
           std::ranges::any_of(pending_, [&](const Pending& file) { return file.name == named; });
  };
  for (auto folder = path.parent_path();
       folder != options_.output_dir && !known_folders_.contains(folder);
       folder = folder.parent_path())
    if (is_file(folder)) return true;
  return false;
}

FileArchive::Pending FileArchive::create_temporary() {
  Pending pending;
  while (!pending.file.is_open()) {
    pending.temporary = temporary_folder_ / fmt::format("archive-{}.part", next_temporary_++);
    pending.file = FileHandle::create(pending.temporary);
  }
  return pending;
}

// Writes the body, decoded where it can be; returns its size.
std::uint64_t FileArchive::write_body(Pending& pending, const crawl::Exchange& exchange,
                                      bool decode) {
  std::uint64_t size = 0;
  const web::DecodeOutput write = [&](std::string_view bytes) {
    pending.file.write_at(size, bytes);
    size += bytes.size();
    return true;
  };
  // An unknown coding can't be undone; nor can "identity", which needs no undoing.
  auto decoder =
      web::Decoder::create(decode ? exchange.content_encoding : std::string(),
                           {.decoded_bytes_max = decode ? options_.decoded_bytes_max : UINT64_MAX});
  if (!decoder) return write_body(pending, exchange, false);

  Result<> result;
  if (exchange.body_file.empty()) {
    result = (*decoder)->feed(exchange.body, write);
  } else {
    const auto file = FileHandle::open_for_reading(exchange.body_file);
    std::vector<char> buffer(read_step_bytes);
    for (std::uint64_t offset = 0; result;) {
      const std::size_t count = file.read_at(offset, buffer);
      if (count == 0) break;
      result = (*decoder)->feed({buffer.data(), count}, write);
      offset += count;
    }
  }
  if (result) result = (*decoder)->finish(write);
  if (result || result.error().code != Errc::decode) return size;
  // Half a body decoded is worth less than the whole one as it came.
  pending.file.truncate(0);
  return write_body(pending, exchange, false);
}

// mkdir -p that remembers which folders got an entry, as their sync is what makes the entry last.
void FileArchive::create_folders(const std::filesystem::path& folder) {
  if (known_folders_.contains(folder)) return;
  if (folder != options_.output_dir && folder.has_relative_path())
    create_folders(folder.parent_path());
  std::error_code error;
  if (std::filesystem::create_directory(folder, error))
    changed_folders_.insert(folder.parent_path());
  if (error) throw_system_error(error.value(), "create the folder", folder);
  if (known_folders_.size() >= folders_known_max) known_folders_.clear();
  known_folders_.insert(folder);
}

void FileArchive::sync() {
  if (pending_.empty()) return;
  try {
    make_durable();
    publish();
  } catch (...) {
    discard_pending();
    throw;
  }
  pending_.clear();
  changed_folders_.clear();
}

void FileArchive::make_durable() {
  if (pending_.size() > synced_one_by_one_max) return output_folder_.sync_filesystem();
  for (Pending& pending : pending_) pending.file.sync_data();
}

// Links, so that a name always stands for a body. Where there are none, as on some file systems,
// the new body may be there without its record.
void FileArchive::set_aside() {
  const auto place = temporary_folder_ / fmt::format("{}{}", replaced_prefix, generation_ + 1);
  std::set<std::filesystem::path> folders;
  for (const Pending& pending : pending_) {
    const auto target = options_.output_dir / pending.name, link = place / pending.name;
    std::error_code failed;
    // A link that a user put there comes back as such.
    if (!std::filesystem::exists(std::filesystem::symlink_status(target, failed))) continue;
    std::filesystem::create_directories(link.parent_path(), failed);
    if (!failed) std::filesystem::create_hard_link(target, link, failed);
    if (failed) continue;
    for (auto folder = link.parent_path(); folder != temporary_folder_;
         folder = folder.parent_path())
      folders.insert(folder);
    if (aside_) continue;
    aside_ = place;
    ++generation_;
  }
  if (folders.empty()) return;
  // Before the names get the new bodies: not every file system keeps the order of two folders.
  folders.insert(temporary_folder_);
  if (folders.size() > synced_one_by_one_max) return output_folder_.sync_filesystem();
  for (const auto& folder : folders) sync_directory(folder);
}

void FileArchive::publish() {
  set_aside();
  for (Pending& pending : pending_) {
    const auto target = options_.output_dir / pending.name;
    rename_file(pending.temporary, target);
    pending.temporary.clear();
    changed_folders_.insert(target.parent_path());
  }
  if (pending_.size() > synced_one_by_one_max) return output_folder_.sync_filesystem();
  for (const auto& folder : changed_folders_) sync_directory(folder);
}

void FileArchive::discard_pending() {
  for (const Pending& pending : std::exchange(pending_, {}))
    if (!pending.temporary.empty()) remove_file(pending.temporary);
}

}  // namespace trawl::storage
