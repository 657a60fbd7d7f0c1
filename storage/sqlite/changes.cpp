// A page that was fetched once has no row in url_history: its answer was its first.
#include "storage/sqlite/changes.hpp"

#include "storage/sqlite/queries.hpp"
#include "storage/sqlite/row.hpp"

#include <fmt/format.h>

#include <optional>

namespace trawl::storage {
namespace {

using crawl::PageChange;

namespace column {
enum Column : int { host, seq, gone, failed, excluded, fresh, changed, live, record };
}

// ?1 and ?2 position, ?3 since, ?4 batch size. A time that is null or 0 is none. State 2: failed,
// 3: excluded; revisit 2: the last attempt brought no page.
std::string since_sql() {
  return fmt::format(
      "WITH seen AS (SELECT r.host_id, r.seq, h.gone_ms, "
      "coalesce(nullif(h.first_ms, 0), r.fetched_ms) AS first_ms, "
      "coalesce(nullif(h.changed_ms, 0), r.fetched_ms) AS changed_ms, "
      "coalesce(nullif(h.checked_ms, 0), r.fetched_ms) AS checked_ms, "
      "coalesce((SELECT n.revisit FROM result_note n WHERE n.host_id = r.host_id AND "
      "n.seq = r.seq), 0) = 2 AS kept "
      "FROM result r LEFT JOIN url_history h ON h.host_id = r.host_id AND h.seq = r.seq "
      "WHERE (r.host_id, r.seq) > (?1, ?2) AND r.status IS NOT NULL) "
      "SELECT u.host_id, u.seq, ifnull(s.gone_ms >= ?3, 0), "
      "s.checked_ms >= ?3 AND (u.state = 2 OR (u.state = 1 AND s.kept)), "
      "s.checked_ms >= ?3 AND u.state = 3, s.first_ms >= ?3, s.changed_ms >= ?3, {}, {} "
      "FROM seen s CROSS JOIN url u ON u.host_id = s.host_id AND u.seq = s.seq "
      "CROSS JOIN result r ON r.host_id = s.host_id AND r.seq = s.seq "
      "WHERE (s.gone_ms >= ?3 OR s.checked_ms >= ?3 OR s.first_ms >= ?3 OR s.changed_ms >= ?3) "
      "AND NOT EXISTS (SELECT 1 FROM request q WHERE q.host_id = s.host_id AND q.seq = s.seq AND "
      "q.method <> 'GET') ORDER BY s.host_id, s.seq LIMIT ?4",
      live_condition, record_columns);
}

// ?3 and ?5 the range.
std::string commits_sql() {
  return fmt::format(
      "SELECT u.host_id, u.seq, h.gone_ms IS NOT NULL, u.state = 2, u.state = 3, "
      "coalesce(h.changes, 0) = 0 AND r.status IS NOT NULL, 1, {}, {} FROM result r CROSS JOIN url "
      "u ON u.host_id = r.host_id "
      "AND u.seq = r.seq LEFT JOIN url_history h ON h.host_id = r.host_id AND h.seq = r.seq "
      "WHERE (r.host_id, r.seq) > (?1, ?2) AND coalesce(r.changed_in, 0) > ?3 AND "
      "coalesce(r.changed_in, 0) <= ?5 AND (r.status IS NOT NULL OR r.changed_in IS NOT NULL) "
      "AND NOT EXISTS (SELECT 1 FROM request q WHERE q.host_id = r.host_id AND q.seq = r.seq AND "
      "q.method <> 'GET') ORDER BY r.host_id, r.seq LIMIT ?4",
      live_condition, record_columns);
}

std::optional<PageChange> change_of(const Rows& rows) {
  if (rows.integer(column::gone) != 0) return PageChange::gone;
  if (rows.integer(column::failed) != 0) return PageChange::failed;
  if (rows.integer(column::excluded) != 0) return PageChange::excluded;
  if (rows.integer(column::fresh) != 0) return PageChange::fresh;
  if (rows.integer(column::changed) != 0) return PageChange::changed;
  return std::nullopt;
}

}  // namespace

std::int64_t last_commit(Db& db) {
  return db.integer("SELECT commits FROM progress");
}

ChangeQuery::ChangeQuery(Db& db, std::int64_t since_ms, crawl::UrlId after)
    : from_(since_ms), after_(after), statement_(db.prepare(since_sql())) {}

ChangeQuery::ChangeQuery(Db& db, CommitRange commits, crawl::UrlId after)
    : from_(commits.after),
      upto_(commits.upto),
      after_(after),
      statement_(db.prepare(commits_sql())) {}

std::vector<ChangedPage> ChangeQuery::next_batch(std::size_t max_pages) {
  std::vector<ChangedPage> pages;
  for (bool more = true; more && pages.empty();) {
    std::size_t rows_read = 0;
    if (upto_) statement_.bind(5, *upto_);
    Rows rows =
        statement_.query(after_.host, after_.seq, from_, static_cast<std::int64_t>(max_pages));
    for (; rows.next(); ++rows_read) {
      after_ = {rows.integer(column::host), rows.integer(column::seq)};
      const auto what = change_of(rows);
      if (what)
        pages.push_back({.what = *what,
                         .live = rows.integer(column::live) != 0,
                         .record = read_record(rows, column::record)});
    }
    more = rows_read == max_pages;
  }
  return pages;
}

}  // namespace trawl::storage
