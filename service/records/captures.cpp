// The index says where the URL is; only what it finds is read a second time, with its header.
#include "service/records/captures.hpp"

#include "core/web/charset/content.hpp"
#include "core/web/url/url.hpp"
#include "service/records/stored_body.hpp"
#include "storage/files/file_handle.hpp"
#include "storage/sqlite/queries.hpp"
#include "storage/warc/file_name.hpp"
#include "storage/warc/index.hpp"
#include "storage/warc/reader.hpp"
#include "storage/warc/revisit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <tuple>
#include <utility>

namespace trawl::service {
namespace {

namespace fs = std::filesystem;

// "POST" of "POST /x HTTP/1.1", when the next record is the request of this one.
std::string method_of_next(storage::WarcReader& reader, const std::string& record_id) {
  const auto next = reader.next();
  if (!next || !*next || (*next)->header.type != "request" ||
      (*next)->header.field("WARC-Concurrent-To") != record_id)
    return {};
  const auto head = reader.read_http_head();
  return head ? head->substr(0, head->find(' ')) : std::string{};
}

std::string absolute(std::string_view location, const std::string& url) {
  const auto base = web::Url::parse(url);
  const auto target = base && !location.empty() ? web::Url::parse(location, &*base) : base;
  return target && !location.empty() ? std::string{target->href()} : std::string{location};
}

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
                  .revisit = storage::has_payload_elsewhere(header),
                  .not_modified = storage::is_not_modified(header),
                  .record_id = header.record_id,
                  .refers_to = header.field("WARC-Refers-To"),
                  .position = {file, entry.offset, entry.length}};
  const auto head = reader.read_http_head();
  if (!head) return std::unexpected(head.error());
  if (!capture.revisit) {  // one of those is always cut: it has the head alone
    capture.bytes_kept = header.content_length - head->size();
    capture.truncated = !header.field("WARC-Truncated").empty();
  }
  if (const auto response = parse_stored_head(*head)) {
    capture.status = response->status;
    capture.content_type = web::declared_media_type(response->headers).essence;
    if (response->status / 100 == 3)
      capture.redirect_to = absolute(http::find_header(response->headers, "location"), capture.url);
  }
  capture.method = method_of_next(reader, header.record_id);
  return capture;
}

bool is_same(const Capture& one, const Capture& other) {
  return !one.digest.empty() && one.digest == other.digest && one.status == other.status &&
         one.redirect_to == other.redirect_to;
}

}  // namespace

std::vector<Capture> find_captures(const fs::path& folder, storage::Db& db,
                                   const std::vector<std::string>& urls, SearchFigures& figures,
                                   const std::function<void(const Error&)>& on_damage) {
  std::vector<Capture> captures;
  for (const auto& mark : storage::archive_marks(db)) {
    if (!mark.file.starts_with(storage::warc_folder_name)) continue;
    if (!storage::is_warc_name(mark.file)) {
      on_damage({Errc::damaged, "crawl.db names a file outside its folder: " + mark.file});
      continue;
    }
    std::error_code error;
    const bool is_file = fs::is_regular_file(folder / mark.file, error);
    // Of one that was given up, what there is of it: its whole records stay in use.
    const bool given_up = mark.bytes == 0;
    if (given_up && !is_file) continue;
    ++figures.files;
    if (!storage::file_reaches(folder / mark.file, mark.bytes)) {
      on_damage({Errc::damaged,
                 fmt::format("{} is missing, or shorter than the records in it; trawl verify {} "
                             "says what is lost",
                             (folder / mark.file).string(), folder.string())});
      if (!is_file) continue;
    }
    auto reader = storage::WarcReader::open(folder / mark.file);
    if (!reader) {
      on_damage(reader.error());
      continue;
    }
    // That it is cut was said when it was given up.
    const auto on_its_damage = [&](const Error& error) {
      if (!given_up) on_damage(error);
    };
    const auto visit = [&](const storage::CdxEntry& entry) {
      ++figures.records;
      if (std::ranges::find(urls, entry.url) == urls.end()) return true;
      auto capture = read_capture(*reader, mark.file, entry);
      if (!capture) {
        on_damage(capture.error());
      } else if (*capture) {
        (*capture)->file = figures.files;
        captures.push_back(std::move(**capture));
        ++figures.found;
      }
      return true;
    };
    const auto indexed = storage::index_warc(folder / mark.file, visit, on_its_damage,
                                             given_up ? UINT64_MAX : mark.bytes);
    if (!indexed) on_damage(indexed.error());
  }
  for (const std::string& url : urls) {
    if (std::ranges::find(captures, url, &Capture::url) == captures.end()) continue;
    std::erase_if(captures, [&url](const Capture& capture) { return capture.url != url; });
    break;
  }
  std::ranges::sort(captures, {}, [](const Capture& capture) {
    return std::tie(capture.at, capture.file, capture.position.offset);
  });
  return captures;
}

bool is_whole(const Capture& capture) {
  return !capture.truncated && capture.status != 206 &&
         (capture.status != 304 || capture.not_modified);
}

// One that was not modified says that the one before it still holds.
std::vector<std::optional<crawl::PageChange>> changes_of(const std::vector<Capture>& captures) {
  using crawl::PageChange;
  std::vector<std::optional<PageChange>> changes;
  const Capture* before = nullptr;
  for (const Capture& capture : captures) {
    if (before == nullptr)
      changes.emplace_back(PageChange::fresh);
    else if (capture.not_modified || is_same(*before, capture))
      changes.emplace_back();
    else
      changes.emplace_back(PageChange::changed);
    if (before == nullptr || !capture.not_modified) before = &capture;
  }
  return changes;
}

std::vector<Capture> by_method(std::vector<Capture> captures, std::string_view method) {
  const std::string_view wanted = method.empty() ? "GET" : method;
  const auto is_wanted = [wanted](const Capture& capture) { return capture.method == wanted; };
  if (method.empty() && std::ranges::none_of(captures, is_wanted)) return captures;
  std::erase_if(captures, std::not_fn(is_wanted));
  return captures;
}

const Capture* capture_at(const std::vector<Capture>& captures, Wall time) {
  const Capture* any = nullptr;
  const Capture* whole = nullptr;
  for (const Capture& capture : captures) {
    if (capture.at > time) break;
    any = &capture;
    if (is_whole(capture)) whole = &capture;
  }
  return whole != nullptr ? whole : any;
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
