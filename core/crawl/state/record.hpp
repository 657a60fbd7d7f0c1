#pragma once
// The record: what is kept about one URL. Names as users see them in `results`.

#include "core/base/clock.hpp"
#include "core/base/error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::crawl {

enum class UrlState : std::uint8_t { queued = 0, fetched = 1, failed = 2, excluded = 3 };
std::string_view to_string(UrlState state);
std::optional<UrlState> url_state_from_string(std::string_view name);

// A URL of the store: its host's number and its own. Sequence numbers rise with admission, over all
// hosts of a job, so that a host's URLs in sequence order are in breadth-first order.
struct UrlId {
  std::int64_t host = 0;
  std::int64_t seq = 0;
  auto operator<=>(const UrlId&) const = default;
};

// What the page of a record is, when it did not come with the last attempt.
enum class Revisit : std::uint8_t {
  none = 0,
  not_modified = 1,  // asked, the server said that it is still the same
  kept = 2,          // the last attempt brought no page; this one is of an earlier one
};
std::string_view to_string(Revisit revisit);  // "", "not_modified", "kept"

// Where a body is: a file relative to the output folder.
struct ArchivePosition {
  std::string file;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  bool operator==(const ArchivePosition&) const = default;
};

// The result of fetching or excluding one URL; absent fields are null in the record.
struct Outcome {
  UrlState state = UrlState::queued;
  std::optional<int> status;
  std::optional<Errc> error;
  std::string error_detail;
  int attempts = 0;
  std::optional<Wall> fetched_at;
  std::string ip;
  std::string http_version;
  std::optional<std::int64_t> dns_ms, connect_ms, tls_ms, ttfb_ms, total_ms;
  std::uint64_t bytes_wire = 0;
  std::uint64_t bytes_body = 0;  // decoded
  bool truncated = false;
  std::string content_type;
  std::string charset;
  std::string title;
  std::string digest;  // "sha256:" + hex of the decoded payload
  std::string redirect_to;
  std::string etag;
  std::string last_modified;
  std::string robots_meta;  // "noindex", "nofollow", both with a comma between, or nothing
  std::string filename;     // of Content-Disposition, by web::safe_file_name; never a path of ours
  Revisit revisit = Revisit::none;
  std::string note;       // what was odd about the answer (core/base/note.hpp)
  std::string served_by;  // of a list's mirrors, the URL that the body came from
  std::optional<ArchivePosition> archive;
};

// The whole record, as queries return it.
struct Record {
  std::string url;
  std::string method = "GET";
  int depth = 0;
  std::string via;
  std::string sitemap_lastmod;
  Outcome outcome;
  UrlId id = {};
};

// Whether an index of pages should have it: a 2xx is kept, it is not excluded since, and does not
// ask not to be indexed. What a run that is under way has queued again, or failed to fetch again,
// is the page that is kept.
bool is_live(const Record& record);

}  // namespace trawl::crawl
