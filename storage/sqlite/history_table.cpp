// A plain crawl writes no row here: of a page that was fetched once the result says it all. The
// index has only times that are to come, and they mostly rise, so it grows at its end. Queueing a
// page takes its time away, so that a round that was killed goes on by itself.
#include "storage/sqlite/history_table.hpp"

#include "core/web/digest.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace trawl::storage {
namespace {

using crawl::UrlId;

std::int64_t to_ms(Wall time) {
  return time.time_since_epoch().count();
}

std::optional<std::int64_t> to_ms(const std::optional<Wall>& time) {
  return time ? std::optional{to_ms(*time)} : std::nullopt;
}

std::optional<Wall> optional_time(const Rows& rows, int column) {
  return rows.null(column) ? std::nullopt : std::optional{Wall{Millis{rows.integer(column)}}};
}

Wall time(const Rows& rows, int column) {
  return Wall{Millis{rows.integer(column)}};
}

// Of a list's URLs, only those that ask for a page are asked for again by themselves.
constexpr const char* enroll_sql =
    "INSERT INTO url_history "
    "SELECT u.host_id, u.seq, coalesce(r.fetched_ms, 0), coalesce(r.fetched_ms, 0), "
    "coalesce(r.fetched_ms, 0), r.seq IS NOT NULL, 0, 0, ?5, coalesce(r.fetched_ms, 0) + ?5, NULL "
    "FROM url u LEFT JOIN result r ON r.host_id = u.host_id AND r.seq = u.seq AND "
    "r.left_out IS NOT 2 WHERE (u.host_id, u.seq) > (?1, ?2) AND (u.host_id, u.seq) <= (?3, ?4) "
    "AND u.state IN (1, 2) "
    "AND NOT EXISTS(SELECT 1 FROM url_history h WHERE h.host_id = u.host_id AND h.seq = u.seq) "
    "AND NOT EXISTS(SELECT 1 FROM request q WHERE q.host_id = u.host_id AND q.seq = u.seq "
    "AND q.method NOT IN ('GET', 'HEAD'))";

// Those that have another interval than the job allows, and those that have no time.
constexpr const char* adjust_sql =
    "UPDATE url_history SET interval_ms = max(?5, min(?6, interval_ms)), "
    "next_ms = checked_ms + max(?5, min(?6, interval_ms)) "
    "WHERE (host_id, seq) > (?1, ?2) AND (host_id, seq) <= (?3, ?4) AND "
    "CASE WHEN next_ms IS NOT NULL "
    "THEN gone_ms IS NULL AND (interval_ms < ?5 OR interval_ms > ?6) "
    "ELSE EXISTS(SELECT 1 FROM url u WHERE u.host_id = url_history.host_id AND "
    "u.seq = url_history.seq AND u.state IN (1, 2)) "
    "AND NOT EXISTS(SELECT 1 FROM request q WHERE q.host_id = url_history.host_id AND "
    "q.seq = url_history.seq AND q.method NOT IN ('GET', 'HEAD')) END";

constexpr const char* find_sql =
    "SELECT h.seq, h.first_ms, h.changed_ms, h.checked_ms, h.fetches, h.changes, h.unchanged, "
    "h.interval_ms, h.next_ms, h.gone_ms, r.fetched_ms, u.sitemap_lastmod, u.sitemap_changefreq "
    "FROM url u "
    "LEFT JOIN url_history h ON h.host_id = u.host_id AND h.seq = u.seq "
    "LEFT JOIN result r ON r.host_id = u.host_id AND r.seq = u.seq "
    "WHERE u.host_id = ?1 AND u.seq = ?2";

crawl::KnownHistory read(const Rows& rows) {
  crawl::KnownHistory known{.page = {},
                            .sitemap_lastmod = std::string{rows.text(11)},
                            .changefreq = std::string{rows.text(12)}};
  if (!rows.null(0))
    known.page =
        crawl::PageHistory{.first_seen = time(rows, 1),
                           .last_changed = time(rows, 2),
                           .last_checked = time(rows, 3),
                           .fetches = static_cast<std::uint64_t>(rows.integer(4)),
                           .changes = static_cast<std::uint64_t>(rows.integer(5)),
                           .unchanged_in_a_row = static_cast<std::uint32_t>(rows.integer(6)),
                           .interval = Millis{rows.integer(7)},
                           .next_due = optional_time(rows, 8),
                           .gone_since = optional_time(rows, 9)};
  else if (!rows.null(10))
    known.page = crawl::PageHistory{.first_seen = time(rows, 10),
                                    .last_changed = time(rows, 10),
                                    .last_checked = time(rows, 10),
                                    .fetches = 1};
  return known;
}

}  // namespace

HistoryTable::HistoryTable(Db& db)
    : upsert_(db.prepare("INSERT OR REPLACE INTO url_history VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,"
                         "?10,?11)")),
      select_(db.prepare(find_sql)) {}

void HistoryTable::write(UrlId id, const crawl::PageHistory& h) {
  upsert_.run(id.host, id.seq, to_ms(h.first_seen), to_ms(h.last_changed), to_ms(h.last_checked),
              h.fetches, h.changes, h.unchanged_in_a_row, h.interval.count(), to_ms(h.next_due),
              to_ms(h.gone_since));
}

crawl::KnownHistory HistoryTable::find(UrlId id) {
  Rows rows = select_.query(id.host, id.seq);
  return rows.next() ? read(rows) : crawl::KnownHistory{};
}

void schedule_recrawl(Db& db, UrlId after, UrlId last, crawl::RecrawlInterval interval) {
  Statement enroll = db.prepare(enroll_sql), adjust = db.prepare(adjust_sql);
  enroll.run(after.host, after.seq, last.host, last.seq, interval.min.count());
  adjust.run(after.host, after.seq, last.host, last.seq, interval.min.count(),
             interval.max.count());
}

std::optional<UrlId> bring_forward(Db& db, std::int64_t host, const crawl::SitemapNews& news,
                                   UrlId after, Millis least, Wall now, std::size_t max_urls) {
  std::vector<std::pair<std::int64_t, std::int64_t>> earlier;  // numbers and times
  std::size_t looked_at = 0;
  {
    Statement select = db.prepare(
        "SELECT h.seq, u.url, h.checked_ms, h.next_ms FROM url_history h CROSS JOIN url u "
        "ON u.host_id = h.host_id AND u.seq = h.seq WHERE h.host_id = ?1 AND h.seq > ?2 "
        "ORDER BY h.seq LIMIT ?3");
    for (Rows rows = select.query(host, after.seq, max_urls); rows.next(); ++looked_at) {
      after = {host, rows.integer(0)};
      if (rows.null(3)) continue;
      const std::uint64_t fingerprint = web::fingerprint(rows.text(1));
      const auto said = std::ranges::lower_bound(news.lastmod, fingerprint, {},
                                                 [](const auto& entry) { return entry.first; });
      if (said == news.lastmod.end() || said->first != fingerprint) continue;
      const std::int64_t checked = rows.integer(2);
      const std::int64_t next = std::max(checked + least.count(), to_ms(now));
      if (said->second > checked && next < rows.integer(3)) earlier.emplace_back(after.seq, next);
    }
  }
  Statement update = db.prepare("UPDATE url_history SET next_ms=?3 WHERE host_id=?1 AND seq=?2");
  for (const auto& [seq, next] : earlier) update.run(host, seq, next);
  return looked_at == max_urls ? std::optional{after} : std::nullopt;
}

QueueStep queue_due(Db& db, Wall now, std::size_t max_urls) {
  std::vector<UrlId> due;
  {
    Statement select = db.prepare(
        "SELECT host_id, seq FROM url_history WHERE next_ms <= ?1 ORDER BY next_ms LIMIT ?2");
    Rows rows = select.query(to_ms(now), max_urls);
    while (rows.next()) due.push_back({rows.integer(0), rows.integer(1)});
  }
  std::ranges::sort(due);
  Statement queue = db.prepare(
      "UPDATE url SET state=0, attempts=0, due_ms=0 WHERE host_id=?1 AND seq=?2 AND state=?3");
  // crawl::may_pass(); what was refused is the crawler's to admit again.
  Statement queue_passing = db.prepare(
      "UPDATE url SET state=0, attempts=0, due_ms=0 WHERE host_id=?1 AND seq=?2 AND state=3 AND "
      "error IN ('robots', 'private_address', 'limit')");
  Statement take = db.prepare("UPDATE url_history SET next_ms=NULL WHERE host_id=?1 AND seq=?2");
  QueueStep step{.more = due.size() == max_urls};
  for (const UrlId id : due) {
    step.fetched += static_cast<std::uint64_t>(queue.run(id.host, id.seq, 1));
    step.failed += static_cast<std::uint64_t>(queue.run(id.host, id.seq, 2));
    step.excluded += static_cast<std::uint64_t>(queue_passing.run(id.host, id.seq));
    take.run(id.host, id.seq);
  }
  return step;
}

std::optional<Wall> next_due(Db& db) {
  Statement statement =
      db.prepare("SELECT min(next_ms) FROM url_history WHERE next_ms IS NOT NULL");
  Rows rows = statement.query();
  return rows.next() ? optional_time(rows, 0) : std::nullopt;
}

RecrawlStats recrawl_stats(Db& db, Wall now) {
  RecrawlStats stats{.gone = static_cast<std::uint64_t>(
                         db.integer("SELECT count(*) FROM url_history WHERE gone_ms IS NOT NULL")),
                     .next = next_due(db)};
  Statement statement = db.prepare("SELECT count(*) FROM url_history WHERE next_ms <= ?1");
  Rows rows = statement.query(to_ms(now));
  if (rows.next()) stats.due = static_cast<std::uint64_t>(rows.integer(0));
  return stats;
}

std::optional<crawl::PageHistory> stored_history(Db& db, UrlId id) {
  return HistoryTable{db}.find(id).page;
}

}  // namespace trawl::storage
