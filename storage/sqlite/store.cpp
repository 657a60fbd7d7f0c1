// One batch, one transaction, rows in key order. Totals and the next sequence number live in one
// row that each transaction rewrites, so that opening a database of any size costs no scan; the
// members follow only after the commit.
#include "storage/sqlite/store.hpp"

#include "storage/sqlite/epochs.hpp"
#include "storage/sqlite/queries.hpp"
#include "storage/sqlite/result_sql.hpp"
#include "storage/sqlite/row.hpp"
#include "storage/sqlite/schema.hpp"
#include "storage/sqlite/url_facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace trawl::storage {
namespace {

using crawl::UrlId;
using crawl::UrlState;

std::uint64_t& count_of(crawl::StoreTotals& totals, UrlState state) {
  switch (state) {
    case UrlState::queued:
      return totals.queued;
    case UrlState::fetched:
      return totals.fetched;
    case UrlState::failed:
      return totals.failed;
    case UrlState::excluded:
      break;
  }
  return totals.excluded;
}

// The places of items in the order of their ids; items of one id keep their order.
template <class Id>
std::vector<std::size_t> key_order(std::size_t count, const Id& id_of) {
  std::vector<std::pair<UrlId, std::size_t>> keys;
  keys.reserve(count);
  for (std::size_t i = 0; i < count; ++i) keys.emplace_back(id_of(i), i);
  std::ranges::sort(keys);
  std::vector<std::size_t> order;
  order.reserve(count);
  for (const auto& [id, place] : keys) order.push_back(place);
  return order;
}

bool is_left_out(const crawl::Outcome& outcome) {
  return outcome.state == UrlState::excluded ||
         (outcome.state == UrlState::failed && outcome.revisit != crawl::Revisit::kept);
}

Failure unknown_url(UrlId id) {
  return {Errc::internal, fmt::format("the store has no URL ({}, {})", id.host, id.seq)};
}

}  // namespace

SqliteStore::SqliteStore(const std::filesystem::path& path) : SqliteStore(open_for_writing(path)) {}

SqliteStore::SqliteStore(Db db)
    : db_(std::move(db)),
      hosts_(db_, "host", "key", true),
      files_(db_, "archive_file", "file", true),
      notes_(db_),
      cookies_(db_),
      hsts_(db_),
      runs_(db_),
      requests_(db_),
      parts_(db_),
      history_(db_),
      insert_url_(db_.prepare("INSERT INTO url(host_id, seq, url, state, depth, via_host, "
                              "via_seq, error, error_detail, redirect_chain, sitemap, "
                              "sitemap_lastmod, sitemap_changefreq) "
                              "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13)")),
      delete_excluded_(db_.prepare("DELETE FROM url WHERE host_id=?1 AND seq=?2 AND state=3")),
      finish_queued_(
          db_.prepare("UPDATE url SET state=?3, attempts=?4, due_ms=?5, error=?6, error_detail=?7 "
                      "WHERE host_id=?1 AND seq=?2 AND state=0")),
      state_of_(db_.prepare("SELECT state FROM url WHERE host_id=?1 AND seq=?2")),
      update_any_(
          db_.prepare("UPDATE url SET state=?3, attempts=?4, due_ms=?5, error=?6, error_detail=?7 "
                      "WHERE host_id=?1 AND seq=?2")),
      insert_result_(db_.prepare(fmt::format(
          "INSERT OR IGNORE {}CASE WHEN ?3 IS NULL THEN NULL ELSE ?28 END)", into_result))),
      replace_result_(db_.prepare(fmt::format("REPLACE {}{}", into_result, commit_if_changed))),
      bury_result_(db_.prepare(bury_sql)),
      delete_result_(db_.prepare("DELETE FROM result WHERE host_id=?1 AND seq=?2")),
      update_host_(db_.prepare("UPDATE host SET next_fetch_ms=?2, pages_fetched=?3 WHERE id=?1")),
      health_(db_),
      upsert_robots_(db_.prepare("INSERT INTO robots VALUES(?1,?2,?3,?4) ON CONFLICT(origin) DO "
                                 "UPDATE SET fetched_ms=?2, status=?3, body=?4")),
      upsert_pattern_(db_.prepare("INSERT OR REPLACE INTO url_pattern VALUES(?1,?2,?3,?4,?5,?6,?7,"
                                  "?8)")),
      update_mark_(db_.prepare("UPDATE archive_file SET bytes=?2 WHERE id=?1")),
      upsert_meta_(db_.prepare("INSERT OR REPLACE INTO meta VALUES(?1,?2)")),
      update_progress_(db_.prepare("UPDATE progress SET next_seq=?1, queued=?2, fetched=?3, "
                                   "failed=?4, excluded=?5, bytes_wire=?6, commits=?7")),
      select_queued_(
          db_.prepare("SELECT seq, url, depth, attempts, due_ms, redirect_chain, sitemap, "
                      "EXISTS(SELECT 1 FROM result r WHERE r.left_out IS NOT 2 AND "
                      "r.host_id=url.host_id AND "
                      "r.seq=url.seq) OR EXISTS(SELECT 1 FROM url_history h WHERE "
                      "h.host_id=url.host_id AND h.seq=url.seq AND h.fetches>0) FROM url "
                      "WHERE host_id=?1 AND seq>?2 AND seq<=?4 AND state=0 ORDER BY seq "
                      "LIMIT ?3")),
      select_redirecting_(db_.prepare("SELECT url, state, depth, attempts, sitemap, via_host, "
                                      "via_seq FROM url WHERE host_id=?1 AND seq=?2")),
      select_robots_(db_.prepare("SELECT fetched_ms, status, body FROM robots WHERE origin=?1")),
      select_meta_(db_.prepare("SELECT value FROM meta WHERE key=?1")),
      results_(db_),
      progress_(read_progress()),
      lanes_(read_lanes()) {}

std::vector<UrlId> SqliteStore::apply(const crawl::StoreBatch& batch) {
  return guarded([&] { return commit(batch); });
}

std::vector<UrlId> SqliteStore::commit(const crawl::StoreBatch& batch) {
  if (db_.has_moved())
    throw Failure(Errc::io, fmt::format("{} was moved or deleted while its job was running; run it "
                                        "again where the folder is now",
                                        db_.path().string()));
  // Before the transaction: a failure here is not one of a batch that is already durable.
  db_.checkpoint(checkpoint_wal_pages);
  Progress progress = progress_;
  ++progress.commits;
  hosts_.forget();
  files_.forget();
  Transaction transaction{db_, Access::write};
  std::vector<UrlId> ids = write_admitted(batch.admitted, progress);
  write_updates(batch.updates, progress);
  write_rest(batch);
  write_progress(progress);
  if (!has_begun_epoch_) begin_epoch(db_, progress.commits);
  const crawl::LaneSet lanes = write_lanes(ids);
  transaction.commit();
  has_begun_epoch_ = true;
  progress_ = progress;
  lanes_ = lanes;
  if (committed_) committed_({progress.next_seq, progress.totals.bytes_wire});
  return ids;
}

std::vector<UrlId> SqliteStore::write_admitted(const std::vector<crawl::NewUrl>& admitted,
                                               Progress& progress) {
  std::vector<UrlId> ids;
  ids.reserve(admitted.size());
  for (const crawl::NewUrl& url : admitted)
    ids.push_back(
        {hosts_.id_of(url.host), crawl::sequence_number(url.priority, progress.next_seq++)});
  for (const std::size_t i : key_order(ids.size(), [&](std::size_t n) { return ids[n]; })) {
    if (admitted[i].replaces) drop_excluded(*admitted[i].replaces, progress);
    insert_url(admitted[i], ids[i]);
    ++count_of(progress.totals, admitted[i].excluded ? UrlState::excluded : UrlState::queued);
  }
  return ids;
}

void SqliteStore::insert_url(const crawl::NewUrl& url, UrlId id) {
  const UrlState state = url.excluded ? UrlState::excluded : UrlState::queued;
  const auto via_host = url.via ? std::optional{url.via->host} : std::nullopt;
  const auto via_seq = url.via ? std::optional{url.via->seq} : std::nullopt;
  insert_url_.run(id.host, id.seq, std::string_view{url.url}, static_cast<int>(state), url.depth,
                  via_host, via_seq, error_name(url.excluded), NullIfEmpty{url.excluded_detail},
                  chain_to_blob(url.redirect_chain), url.sitemap, NullIfEmpty{url.sitemap_lastmod},
                  NullIfEmpty{url.changefreq});
  if (url.request) requests_.insert(id, *url.request);
}

// Nothing refers to the row: what was never fetched led nowhere and has no result.
void SqliteStore::drop_excluded(UrlId id, Progress& progress) {
  if (delete_excluded_.run(id.host, id.seq) == 0) throw unknown_url(id);
  --progress.totals.excluded;
}

void SqliteStore::write_updates(const std::vector<crawl::UrlUpdate>& updates, Progress& progress) {
  const auto id_of = [&](std::size_t n) { return updates[n].id; };
  for (const std::size_t i : key_order(updates.size(), id_of)) {
    const crawl::UrlUpdate& update = updates[i];
    write_state(update, progress);
    if (update.request_sent) requests_.write_sent(update.id, *update.request_sent);
    if (update.outcome.state == UrlState::queued) {
      if (update.outcome.revisit != crawl::Revisit::none) notes_.write(update);
      continue;
    }
    progress.totals.bytes_wire += update.outcome.bytes_wire;
    if (!update.outcome.served_by.empty())
      requests_.write_served_by(update.id, update.outcome.served_by);
    write_result(update, progress.commits);
    if (update.history) history_.write(update.id, *update.history);
  }
}

void SqliteStore::write_state(const crawl::UrlUpdate& update, Progress& progress) {
  const crawl::Outcome& outcome = update.outcome;
  const auto write = [&](Statement& statement) {
    return statement.run(update.id.host, update.id.seq, static_cast<int>(outcome.state),
                         outcome.attempts, update.due_ms, error_name(outcome.error),
                         NullIfEmpty{outcome.error_detail});
  };
  UrlState before = UrlState::queued;
  if (write(finish_queued_) == 0) {
    {
      Rows rows = state_of_.query(update.id.host, update.id.seq);
      if (!rows.next()) throw unknown_url(update.id);
      before = static_cast<UrlState>(rows.integer(0));
    }
    write(update_any_);
  }
  --count_of(progress.totals, before);
  ++count_of(progress.totals, outcome.state);
}

// Nearly all are of URLs that had none before, whose other rows need not be looked for.
void SqliteStore::write_result(const crawl::UrlUpdate& update, std::int64_t commit) {
  if (!has_exchange(update.outcome)) {
    if (bury_result_.run(update.id.host, update.id.seq, commit) == 0)
      delete_result_.run(update.id.host, update.id.seq);
    notes_.write(update);
  } else if (write_result(insert_result_, update, commit)) {
    notes_.write_first(update);
  } else {
    write_result(replace_result_, update, commit);
    notes_.write(update);
  }
}

bool SqliteStore::write_result(Statement& statement, const crawl::UrlUpdate& update,
                               std::int64_t commit) {
  const crawl::Outcome& o = update.outcome;
  const auto fetched_ms =
      o.fetched_at ? std::optional{o.fetched_at->time_since_epoch().count()} : std::nullopt;
  std::optional<std::int64_t> file, offset, length;
  if (o.archive) {
    file = files_.id_of(o.archive->file);
    offset = static_cast<std::int64_t>(o.archive->offset);
    length = static_cast<std::int64_t>(o.archive->length);
  }
  const StoredDigest digest{o.digest};
  const auto run = [&](const auto& stored_digest) {
    return statement.run(update.id.host, update.id.seq, o.status, fetched_ms, NullIfEmpty{o.ip},
                         NullIfEmpty{o.http_version}, o.dns_ms, o.connect_ms, o.tls_ms, o.ttfb_ms,
                         o.total_ms, o.bytes_wire, o.bytes_body, o.truncated,
                         NullIfEmpty{o.content_type}, NullIfEmpty{o.charset}, NullIfEmpty{o.title},
                         stored_digest, NullIfEmpty{o.redirect_to}, NullIfEmpty{o.etag},
                         NullIfEmpty{o.last_modified}, file, offset, length,
                         NullIfEmpty{o.robots_meta}, NullIfEmpty{o.note}, is_left_out(o), commit);
  };
  return (digest.binary() ? run(digest.blob()) : run(NullIfEmpty{o.digest})) > 0;
}

void SqliteStore::write_rest(const crawl::StoreBatch& batch) {
  for (const crawl::HostState& host : batch.hosts) {
    if (update_host_.run(host.id, host.next_fetch_ms, host.pages_fetched) == 0)
      throw Failure(Errc::internal, fmt::format("the store has no host {}", host.id));
    if (host.health) health_.write(host.id, *host.health);
  }
  for (const crawl::RobotsState& robots : batch.robots)
    upsert_robots_.run(std::string_view{robots.origin}, robots.fetched_ms, robots.status,
                       Blob{robots.body});
  for (const crawl::PartUpdate& part : batch.parts) parts_.write(part);
  for (const crawl::PatternState& pattern : batch.patterns)
    upsert_pattern_.run(pattern.host, std::string_view{pattern.shape}, pattern.fetched,
                        pattern.fresh, pattern.refused, pattern.block, pattern.block_fresh,
                        pattern.rank);
  for (const crawl::ArchiveMark& mark : batch.marks)
    update_mark_.run(files_.id_of(mark.file), mark.bytes);
  cookies_.write(batch.cookies);
  hsts_.write(batch.hsts);
  for (const auto& [key, value] : batch.meta)
    upsert_meta_.run(std::string_view{key}, std::string_view{value});
  if (batch.run) runs_.write(*batch.run);
}

void SqliteStore::write_progress(const Progress& progress) {
  const crawl::StoreTotals& totals = progress.totals;
  update_progress_.run(progress.next_seq, totals.queued, totals.fetched, totals.failed,
                       totals.excluded, totals.bytes_wire, progress.commits);
}

CommitMark commit_mark(Db& db) {
  if (db.integer("SELECT count(*) FROM sqlite_schema WHERE name='progress'") == 0) return {};
  Statement statement = db.prepare("SELECT next_seq, bytes_wire FROM progress");
  Rows rows = statement.query();
  if (!rows.next()) return {};
  return {rows.integer(0), static_cast<std::uint64_t>(rows.integer(1))};
}

SqliteStore::Progress SqliteStore::read_progress() {
  Statement statement = db_.prepare(
      "SELECT next_seq, queued, fetched, failed, excluded, bytes_wire, "
      "commits FROM progress");
  Rows rows = statement.query();
  if (!rows.next())
    throw Failure(Errc::damaged, fmt::format("{}: its progress row is gone; restore it from a copy",
                                             db_.path().string()));
  const auto count = [&](int column) { return static_cast<std::uint64_t>(rows.integer(column)); };
  return {rows.integer(0), {count(1), count(2), count(3), count(4), count(5)}, rows.integer(6)};
}

std::vector<crawl::HostState> SqliteStore::hosts() {
  std::vector<crawl::HostState> hosts;
  Statement statement =
      db_.prepare(fmt::format("SELECT id, key, next_fetch_ms, pages_fetched, {} FROM host "
                              "LEFT JOIN host_health h ON h.host_id = id ORDER BY id",
                              health_columns));
  Rows rows = statement.query();
  while (rows.next())
    hosts.push_back({rows.integer(0), std::string{rows.text(1)}, rows.integer(2), rows.integer(3),
                     read_health(rows, 4)});
  return hosts;
}

std::vector<crawl::PatternState> SqliteStore::patterns() {
  return stored_patterns(db_);
}

std::vector<crawl::ArchiveMark> SqliteStore::marks() {
  return archive_marks(db_);
}

std::vector<crawl::PartUpdate> SqliteStore::parts() {
  return parts_.all();
}

std::optional<crawl::RobotsState> SqliteStore::robots(const std::string& origin) {
  Rows rows = select_robots_.query(std::string_view{origin});
  if (!rows.next()) return std::nullopt;
  return crawl::RobotsState{.origin = origin,
                            .fetched_ms = rows.integer(0),
                            .status = static_cast<int>(rows.integer(1)),
                            .body = std::string{rows.blob(2)}};
}

crawl::StoreTotals SqliteStore::totals() {
  return progress_.totals;
}

std::optional<std::string> SqliteStore::meta(const std::string& key) {
  Rows rows = select_meta_.query(std::string_view{key});
  if (!rows.next()) return std::nullopt;
  return std::string{rows.text(0)};
}

std::vector<web::Cookie> SqliteStore::cookies() {
  return read_cookies(db_);
}

std::vector<web::HstsHost> SqliteStore::hsts() {
  return read_hsts(db_);
}

std::optional<crawl::Outcome> SqliteStore::result(UrlId id) {
  return results_.find(id);
}

void SqliteStore::each_seed(const std::function<void(const crawl::KnownSeed&)>& visit) {
  storage::each_seed(db_, visit);
}

void SqliteStore::each_url(const std::function<void(const crawl::KnownUrl&)>& visit) {
  // crawl::is_refusal(); what has a result was asked for in an earlier round. SQLite evaluates both
  // sides of an AND here, and looking for each URL's result would take most of a start.
  constexpr std::string_view refused =
      "CASE WHEN u.state = 3 AND u.error IN ('depth', 'scope', 'trap') THEN NOT EXISTS (SELECT 1 "
      "FROM result r WHERE r.left_out IS NOT 2 AND r.host_id = u.host_id AND r.seq = u.seq) ELSE 0 "
      "END";
  // A join for every row is for those stores alone that have something to join.
  Statement statement = db_.prepare(
      requests_.any()
          ? fmt::format("SELECT u.url, u.host_id, u.seq, {}, coalesce(q.identity, 0) FROM url u "
                        "LEFT JOIN request q ON q.host_id = u.host_id AND q.seq = u.seq",
                        refused)
          : fmt::format("SELECT u.url, u.host_id, u.seq, {}, 0 FROM url u", refused));
  Rows rows = statement.query();
  while (rows.next())
    visit({rows.text(0),
           {rows.integer(1), rows.integer(2)},
           rows.integer(3) != 0,
           static_cast<std::uint64_t>(rows.integer(4))});
}

}  // namespace trawl::storage
