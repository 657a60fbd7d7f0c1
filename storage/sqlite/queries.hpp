#pragma once
// Questions to crawl.db through a reading connection, also while the job runs.

#include "core/crawl/job/url_pattern.hpp"
#include "core/crawl/state/record.hpp"
#include "core/crawl/state/store.hpp"
#include "storage/sqlite/db.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::storage {

struct StatusRange {
  int first = 0;
  int last = 0;
  bool operator==(const StatusRange&) const = default;
};

// "200", "404,5xx", "200, 301-308" as users write them. Errors: Errc::usage.
Result<std::vector<StatusRange>> parse_status_filter(std::string_view text);

// Of a `result r` and its `url u`: whether an index of pages should have it. A 2xx to a GET is
// kept, the last attempt that ended did not exclude it, and it doesn't ask not to be indexed. What
// is queued again, or could not be fetched again, is the page that is kept.
inline constexpr std::string_view live_condition =
    "ifnull(u.state <> 3 AND coalesce(r.left_out, 0) = 0 AND r.status BETWEEN 200 AND 299 AND "
    "ifnull(r.robots_meta NOT LIKE '%noindex%', 1) AND NOT EXISTS (SELECT 1 FROM request q WHERE "
    "q.host_id = r.host_id AND q.seq = r.seq AND q.method <> 'GET'), 0)";

// All conditions hold together; what is absent or empty is no condition.
struct RecordFilter {
  std::vector<crawl::UrlState> states;  // in any of them
  std::vector<StatusRange> status;      // in any of them
  std::string host;  // host key, exact; where there is none without a port, those of all its ports
  std::optional<std::int64_t> since_ms;          // fetched at or after; wall clock, ms since 1970
  std::optional<std::int64_t> changed_since_ms;  // its page is another one since; likewise
  std::vector<Errc> errors;                      // any of them
  std::vector<std::string> notes;                // words of core/base/note.hpp: any of them
  std::vector<std::string> types;                // of the content, globs in lower case: any of them
  std::vector<crawl::UrlPattern> urls;           // any of them
  bool live = false;                             // live_condition holds
  std::optional<std::uint64_t> limit;            // records
  std::optional<crawl::UrlId> after;             // continue behind this one
};

// The records that pass a filter, by host and within a host in the order of admission. They are
// read in batches, each with a snapshot of its own, which is given up before next_batch() returns:
// a reader that takes its time never makes the write-ahead log grow. Each URL comes at most once,
// but that one refused for its depth comes again when it was admitted meanwhile; records that
// change while the query is under way come as they are when they are read.
class RecordQuery {
 public:
  // db must outlive the query.
  RecordQuery(Db& db, RecordFilter filter);

  // At most max_records; fewer only at the end, where it is empty.
  std::vector<crawl::Record> next_batch(std::size_t max_records);
  // The place behind the last record: RecordFilter::after of a query that continues this one.
  std::optional<crawl::UrlId> position() const { return filter_.after; }

 private:
  void bind_conditions(std::uint64_t rows_max);
  // Appends the next records that pass, at most so many. False: there are no more.
  bool read_rows(std::vector<crawl::Record>& records, std::uint64_t wanted);
  bool passes(const crawl::Record& record) const;

  RecordFilter filter_;
  Statement statement_;
  std::vector<std::int64_t> hosts_;  // that are left, the next one last; empty: all of them
  std::uint64_t left_;               // of the limit; 0 at the end, too
};

// The record of exactly this URL; host is its host key. Of several (a list may ask for a URL with
// other methods or bodies) the plain GET, else the first; method: of those with it alone. Costs a
// scan of that host's URLs.
std::optional<crawl::Record> find_record(Db& db, std::string_view url, std::string_view host,
                                         std::string_view method = {});

// The record of a URL of the store. One look-up.
std::optional<crawl::Record> find_record(Db& db, crawl::UrlId id);

// How far each file of the archive is known to the database, in the order of their making. 0 bytes:
// it was given up (trawl verify --requeue); what is there of it is neither missed nor changed.
std::vector<crawl::ArchiveMark> archive_marks(Db& db);

// What SQLite finds wrong with the database's pages, first fault only; empty when they are sound.
// Reads them all.
std::string database_fault(Db& db);

}  // namespace trawl::storage
