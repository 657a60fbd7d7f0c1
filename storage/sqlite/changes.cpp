// A page that was fetched once has no row in url_history: its answer was its first.
#include "storage/sqlite/changes.hpp"

#include "storage/sqlite/row.hpp"

#include <fmt/format.h>

#include <utility>

namespace trawl::storage {
namespace {

// ?1 and ?2 position, ?3 since, ?4 batch size. A time of 0 is none.
std::string sql() {
  return fmt::format(
      "SELECT u.host_id, u.seq, "
      "coalesce(h.gone_ms, 0) >= ?3, "
      "u.error IS NOT NULL AND coalesce(h.fetches, 0) > 0 AND coalesce(h.checked_ms, 0) >= ?3, "
      "coalesce(nullif(h.first_ms, 0), r.fetched_ms) >= ?3, "
      "coalesce(nullif(h.changed_ms, 0), r.fetched_ms) >= ?3, {} "
      "FROM result r CROSS JOIN url u ON u.host_id = r.host_id AND u.seq = r.seq "
      "LEFT JOIN url_history h ON h.host_id = r.host_id AND h.seq = r.seq "
      "WHERE (r.host_id, r.seq) > (?1, ?2) AND r.status IS NOT NULL AND "
      "max(coalesce(h.gone_ms, 0), coalesce(h.checked_ms, 0), coalesce(h.changed_ms, 0), "
      "coalesce(r.fetched_ms, 0)) >= ?3 "
      "ORDER BY r.host_id, r.seq LIMIT ?4",
      record_columns);
}

std::optional<PageChange> change_of(const Rows& rows) {
  constexpr std::pair<int, PageChange> order[] = {{2, PageChange::gone},
                                                  {3, PageChange::failed},
                                                  {4, PageChange::fresh},
                                                  {5, PageChange::changed}};
  for (const auto& [column, change] : order)
    if (rows.integer(column) != 0) return change;
  return std::nullopt;
}

}  // namespace

ChangeQuery::ChangeQuery(Db& db, std::int64_t since_ms)
    : since_ms_(since_ms), statement_(db.prepare(sql())) {}

std::vector<ChangedPage> ChangeQuery::next_batch(std::size_t max_pages) {
  std::vector<ChangedPage> pages;
  for (bool more = true; more && pages.empty();) {
    std::size_t rows_read = 0;
    Rows rows =
        statement_.query(after_.host, after_.seq, since_ms_, static_cast<std::int64_t>(max_pages));
    for (; rows.next(); ++rows_read) {
      after_ = {rows.integer(0), rows.integer(1)};
      const auto what = change_of(rows);
      if (what) pages.push_back({.what = *what, .record = read_record(rows, 6)});
    }
    more = rows_read == max_pages;
  }
  return pages;
}

}  // namespace trawl::storage
