// The index says where the URL is; only what it finds is read a second time, with its header.
#include "service/captures.hpp"

#include "core/web/content.hpp"
#include "service/stored_body.hpp"
#include "storage/sqlite/queries.hpp"
#include "storage/warc/index.hpp"
#include "storage/warc/reader.hpp"
#include "storage/warc/revisit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

namespace trawl::service {
namespace {

namespace fs = std::filesystem;

// Nothing when the record is of another kind.
Result<std::optional<Capture>> read_capture(storage::WarcReader& reader, const std::string& file,
                                            const storage::CdxEntry& entry) {
  reader.seek(entry.offset);
  const auto record = reader.next();
  if (!record) return std::unexpected(record.error());
  if (!*record) return fail(Errc::damaged, fmt::format("{} ends before {}", file, entry.offset));
  const web::WarcHeader& header = (*record)->header;
  if (header.type != "response" && header.type != "revisit") return std::nullopt;
  Capture capture{.url = header.target_uri,
                  .at = header.date,
                  .digest = header.field("WARC-Payload-Digest"),
                  .truncated = !header.field("WARC-Truncated").empty(),
                  .revisit = storage::has_payload_elsewhere(header),
                  .record_id = header.record_id,
                  .refers_to = header.field("WARC-Refers-To"),
                  .position = {file, entry.offset, entry.length}};
  const auto head = reader.read_http_head();
  if (!head) return std::unexpected(head.error());
  if (!capture.revisit) capture.bytes_kept = header.content_length - head->size();
  if (const auto response = parse_stored_head(*head)) {
    capture.status = response->status;
    capture.content_type = web::declared_media_type(response->headers).essence;
  }
  return capture;
}

}  // namespace

std::vector<Capture> find_captures(const fs::path& folder, storage::Db& db,
                                   const std::vector<std::string>& urls, SearchFigures& figures,
                                   const std::function<void(const Error&)>& on_damage) {
  std::vector<Capture> captures;
  for (const auto& mark : storage::archive_marks(db)) {
    if (!mark.file.starts_with("warc/") || mark.bytes == 0) continue;
    ++figures.files;
    auto reader = storage::WarcReader::open(folder / mark.file);
    if (!reader) {
      on_damage(reader.error());
      continue;
    }
    const auto visit = [&](const storage::CdxEntry& entry) {
      ++figures.records;
      if (std::ranges::find(urls, entry.url) == urls.end()) return true;
      auto capture = read_capture(*reader, mark.file, entry);
      if (!capture) {
        on_damage(capture.error());
      } else if (*capture) {
        captures.push_back(std::move(**capture));
        ++figures.found;
      }
      return true;
    };
    const auto indexed = storage::index_warc(folder / mark.file, visit, on_damage, mark.bytes);
    if (!indexed) on_damage(indexed.error());
  }
  std::ranges::sort(captures, {}, [](const Capture& capture) {
    return std::tie(capture.at, capture.position.file, capture.position.offset);
  });
  return captures;
}

std::string_view to_string(Change change) {
  switch (change) {
    case Change::first:
      return "new";
    case Change::same:
      return "same";
    case Change::changed:
      break;
  }
  return "changed";
}

std::vector<Change> changes_of(const std::vector<Capture>& captures) {
  std::vector<Change> changes;
  const Capture* before = nullptr;
  for (const Capture& capture : captures) {
    const bool same =
        before != nullptr && !capture.digest.empty() && capture.digest == before->digest;
    changes.push_back(before == nullptr ? Change::first : same ? Change::same : Change::changed);
    before = &capture;
  }
  return changes;
}

const Capture* capture_at(const std::vector<Capture>& captures, Wall time) {
  const auto after = std::ranges::upper_bound(captures, time, {}, &Capture::at);
  return after == captures.begin() ? nullptr : &*std::prev(after);
}

crawl::Record record_of(const Capture& capture) {
  crawl::Record record;
  record.url = capture.url;
  record.outcome.state = crawl::UrlState::fetched;
  record.outcome.status = capture.status;
  record.outcome.fetched_at = capture.at;
  record.outcome.truncated = capture.truncated;
  record.outcome.bytes_body = std::numeric_limits<std::uint64_t>::max();
  record.outcome.archive = capture.position;
  return record;
}

std::optional<crawl::ArchivePosition> original_of(const std::vector<Capture>& captures,
                                                  std::string_view record_id) {
  const auto found = std::ranges::find(captures, record_id, &Capture::record_id);
  if (found == captures.end()) return std::nullopt;
  return found->position;
}

}  // namespace trawl::service
