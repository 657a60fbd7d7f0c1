// The place that a round has reached is kept with each piece, so that one that was killed goes on
// where it was and queues nothing twice.
#include "storage/sqlite/requeue.hpp"

#include "core/crawl/store.hpp"

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <string>
#include <string_view>

namespace trawl::storage {
namespace {

using crawl::UrlId;

constexpr auto key = std::string_view{crawl::requeue_cursor_key};

// "HOST SEQ"; anything else is the beginning.
UrlId cursor(Db& db) {
  Statement statement = db.prepare("SELECT value FROM meta WHERE key=?1");
  Rows rows = statement.query(key);
  UrlId id;
  if (!rows.next()) return id;
  const std::string_view text = rows.text(0);
  const auto space = text.find(' ');
  if (space == text.npos) return id;
  std::from_chars(text.data(), text.data() + space, id.host);
  std::from_chars(text.data() + space + 1, text.data() + text.size(), id.seq);
  return id;
}

}  // namespace

UrlId last_of(Db& db, UrlId after, std::size_t max_urls) {
  Statement statement = db.prepare(
      "SELECT host_id, seq FROM url WHERE (host_id, seq) > (?1, ?2) ORDER BY host_id, seq "
      "LIMIT 1 OFFSET ?3");
  Rows rows = statement.query(after.host, after.seq, max_urls - 1);
  constexpr auto end = std::numeric_limits<std::int64_t>::max();
  return rows.next() ? UrlId{rows.integer(0), rows.integer(1)} : UrlId{end, end};
}

QueueStep requeue(Db& db, std::size_t max_urls) {
  const UrlId after = cursor(db), last = last_of(db, after, max_urls);
  QueueStep step;
  {
    Statement count = db.prepare(
        "SELECT state, count(*) FROM url WHERE (host_id, seq) > (?1, ?2) AND "
        "(host_id, seq) <= (?3, ?4) AND state IN (1, 2) GROUP BY state");
    Rows rows = count.query(after.host, after.seq, last.host, last.seq);
    while (rows.next())
      (rows.integer(0) == 1 ? step.fetched : step.failed) =
          static_cast<std::uint64_t>(rows.integer(1));
  }
  Statement update = db.prepare(
      "UPDATE url SET state=0, attempts=0, due_ms=0 WHERE (host_id, seq) > (?1, ?2) AND "
      "(host_id, seq) <= (?3, ?4) AND state IN (1, 2)");
  update.run(after.host, after.seq, last.host, last.seq);
  step.more = last.seq != std::numeric_limits<std::int64_t>::max();
  const std::string place = step.more ? fmt::format("{} {}", last.host, last.seq) : std::string{};
  Statement keep = db.prepare("INSERT OR REPLACE INTO meta VALUES(?1,?2)");
  keep.run(key, std::string_view{place});
  return step;
}

}  // namespace trawl::storage
