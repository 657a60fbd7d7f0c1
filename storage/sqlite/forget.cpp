// The counts are those of the row `progress`, which the store keeps while it is open.
#include "storage/sqlite/forget.hpp"

#include "storage/sqlite/epochs.hpp"
#include "storage/sqlite/requeue.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <vector>

namespace trawl::storage {

std::optional<std::string> part_of(Db& db, crawl::UrlId url) {
  Statement statement = db.prepare("SELECT file FROM part WHERE host_id=?1 AND seq=?2");
  Rows rows = statement.query(url.host, url.seq);
  return rows.next() ? std::optional{std::string{rows.text(0)}} : std::nullopt;
}

void forget_urls(Db& db, std::span<const crawl::UrlId> urls) {
  constexpr std::array columns{"queued", "fetched", "failed"};  // by state
  std::vector<Statement> leave, clear;
  for (std::size_t i = 0; i < columns.size(); ++i)
    leave.push_back(db.prepare(
        fmt::format("UPDATE progress SET {0}={0}-1, excluded=excluded+1 WHERE EXISTS (SELECT 1 "
                    "FROM url WHERE host_id=?1 AND seq=?2 AND state={1})",
                    columns[i], i)));
  for (const std::string_view table : {"result", "result_note", "url_history", "part"})
    clear.push_back(db.prepare(fmt::format("DELETE FROM {} WHERE host_id=?1 AND seq=?2", table)));
  clear.push_back(db.prepare(
      "UPDATE request SET headers=NULL, body=x'', sha256=NULL, mirrors=NULL, served_by=NULL WHERE "
      "host_id=?1 AND seq=?2"));
  // For whoever keeps a copy of the pages, that this one is gone is a change.
  clear.push_back(db.prepare(
      "INSERT INTO result(host_id, seq, bytes_wire, bytes_body, truncated, left_out, changed_in) "
      "SELECT host_id, seq, 0, 0, 0, 2, (SELECT commits FROM progress) FROM url WHERE host_id=?1 "
      "AND seq=?2"));
  clear.push_back(db.prepare(
      "UPDATE url SET state=3, error='forgotten', error_detail=NULL, attempts=0, due_ms=0, "
      "redirect_chain=NULL WHERE host_id=?1 AND seq=?2"));
  db.exec("UPDATE progress SET commits=commits+1");
  begin_epoch(db, db.integer("SELECT commits FROM progress"));
  for (const crawl::UrlId id : urls) {
    for (Statement& statement : leave) statement.run(id.host, id.seq);
    for (Statement& statement : clear) statement.run(id.host, id.seq);
  }
}

void lose_bodies(Db& db, std::span<const crawl::UrlId> urls) {
  Statement lose = db.prepare(
      "UPDATE result SET archive_id=NULL, archive_offset=NULL, archive_length=NULL WHERE "
      "host_id=?1 AND seq=?2");
  for (const crawl::UrlId id : urls) lose.run(id.host, id.seq);
  const QueueStep step = queue_whole(db, urls);
  Statement count =
      db.prepare("UPDATE progress SET queued=queued+?1+?2, fetched=fetched-?1, failed=failed-?2");
  count.run(step.fetched, step.failed);
}

}  // namespace trawl::storage
