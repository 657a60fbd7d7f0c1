// A revisit names its original by id, by URL and by date. The id is what counts: the URL may have
// been fetched again since.
#include "storage/warc/revisit.hpp"

#include "core/web/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace trawl::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::array profile_ends{"/revisit/identical-payload-digest",
                                  "/revisit/server-not-modified",
                                  "/revisit/uri-agnostic-identical-payload-digest"};

// Resources have no HTTP head.
Result<OriginalRecord> behind_head(WarcReader reader, const web::WarcHeader& header) {
  OriginalRecord original{std::move(reader), {}};
  if (!header.content_type.starts_with("application/http")) return original;
  auto head = original.reader.read_http_head();
  if (!head) return std::unexpected(std::move(head.error()));
  original.head = std::move(*head);
  return original;
}

std::vector<fs::path> warc_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry{folder, error}, end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.ends_with(".warc") || name.ends_with(".warc.gz") || name.ends_with(".warc.zst"))
      files.push_back(entry->path());
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace

bool has_payload_elsewhere(const web::WarcHeader& header) {
  const std::string profile = header.field("WARC-Profile");
  return header.type == "revisit" && profile.starts_with("http://netpreserve.org/warc/") &&
         std::ranges::any_of(profile_ends, [&](auto end) { return profile.ends_with(end); });
}

bool is_not_modified(const web::WarcHeader& header) {
  return has_payload_elsewhere(header) &&
         header.field("WARC-Profile").ends_with("server-not-modified");
}

Result<RevisitTarget> revisit_target(const fs::path& file, std::uint64_t offset) {
  auto reader = WarcReader::open(file);
  if (!reader) return std::unexpected(std::move(reader.error()));
  reader->seek(offset);
  const auto record = reader->next();
  if (!record) return std::unexpected(record.error());
  if (!*record)
    return fail(Errc::damaged, fmt::format("{} has no record at {}", file.string(), offset));
  const web::WarcHeader& header = (*record)->header;
  RevisitTarget target{.record_id = header.record_id,
                       .target_uri = header.target_uri,
                       .date = format_seconds(header.date),
                       .payload_digest = header.field("WARC-Payload-Digest"),
                       .place = {file.filename().string(), offset}};
  if (header.type != "revisit") return target;
  target.record_id = header.field("WARC-Refers-To");
  target.target_uri = header.field("WARC-Refers-To-Target-URI");
  target.date = header.field("WARC-Refers-To-Date");
  target.place = referred_place(header).value_or(RecordPlace{});
  return target;
}

std::optional<RecordPlace> referred_place(const web::WarcHeader& revisit) {
  RecordPlace place{.file = revisit.field("WARC-Refers-To-Filename")};
  const std::string offset = revisit.field("WARC-Refers-To-File-Offset");
  const char* const end = offset.data() + offset.size();
  const auto [read, error] = std::from_chars(offset.data(), end, place.offset);
  // Archives come from elsewhere too; what they name must lie beside them.
  const bool is_name = !place.file.empty() && place.file != "." && place.file != ".." &&
                       place.file.find_first_of(std::string_view{"/\0", 2}) == place.file.npos;
  if (offset.empty() || error != std::errc{} || read != end || !is_name) return std::nullopt;
  return place;
}

bool is_original(const web::WarcHeader& record, const web::WarcHeader& revisit) {
  const std::string id = revisit.field("WARC-Refers-To");
  if (id.empty() || record.record_id != id || record.type == "revisit") return false;
  const std::string here = record.field("WARC-Payload-Digest"),
                    there = revisit.field("WARC-Payload-Digest");
  return here.empty() || there.empty() || web::ascii::equals(here, there);
}

Result<OriginalRecord> open_original(const fs::path& file, std::uint64_t offset,
                                     const web::WarcHeader& revisit) {
  auto reader = WarcReader::open(file);
  if (!reader) return std::unexpected(std::move(reader.error()));
  reader->seek(offset);
  auto record = reader->next();
  if (!record) return std::unexpected(std::move(record.error()));
  if (!*record || !is_original((*record)->header, revisit))
    return fail(Errc::damaged, fmt::format("{} has another record at {} than the revisit of {} "
                                           "refers to",
                                           file.string(), offset, revisit.target_uri));
  return behind_head(std::move(*reader), (*record)->header);
}

Result<OriginalRecord> find_original(const fs::path& folder, const web::WarcHeader& revisit,
                                     const std::atomic<bool>* stop) {
  for (const fs::path& file : warc_files(folder)) {
    auto reader = WarcReader::open(file);
    if (!reader) continue;
    // A file is searched up to its first damage; nothing behind it could be trusted.
    for (auto record = reader->next(); record && *record; record = reader->next()) {
      if (stop != nullptr && stop->load(std::memory_order_relaxed))
        return fail(Errc::cancelled, "nobody waits for the body any more");
      if (is_original((*record)->header, revisit))
        return behind_head(std::move(*reader), (*record)->header);
    }
  }
  return fail(
      Errc::not_found,
      fmt::format("the body of {} is that of {}, fetched {}, record {}, which is in no WARC "
                  "file of {}",
                  revisit.target_uri, revisit.field("WARC-Refers-To-Target-URI"),
                  revisit.field("WARC-Refers-To-Date"), revisit.field("WARC-Refers-To"),
                  folder.string()));
}

}  // namespace trawl::storage
