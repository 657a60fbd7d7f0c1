// Tables are clustered by (host, sequence number): what one fetch writes lies together, a host's
// queue is one range, and no text is indexed. Numbers of 64-bit fingerprints stand in for indexes
// on names. A partial index of the queued URLs was measured: it costs 45 % more CPU on admission
// and saves nothing that counts at a start. The single row of `progress` is kept with every commit,
// so that a start needs no scan.
#include "storage/sqlite/schema.hpp"

#include "core/base/log.hpp"
#include "storage/files/file_handle.hpp"
#include "storage/sqlite/history_schema.hpp"
#include "storage/sqlite/run_schema.hpp"

#include <fmt/format.h>

namespace trawl::storage {
namespace {

constexpr const char* version_1 = R"sql(
CREATE TABLE host(
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL,
  fingerprint INTEGER NOT NULL,
  next_fetch_ms INTEGER NOT NULL DEFAULT 0,
  pages_fetched INTEGER NOT NULL DEFAULT 0);
CREATE INDEX host_fingerprint ON host(fingerprint);

CREATE TABLE url(
  host_id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  url TEXT NOT NULL,
  state INTEGER NOT NULL,
  depth INTEGER NOT NULL,
  via_host INTEGER,
  via_seq INTEGER,
  attempts INTEGER NOT NULL DEFAULT 0,
  due_ms INTEGER NOT NULL DEFAULT 0,
  error TEXT,
  error_detail TEXT,
  redirect_chain BLOB,
  PRIMARY KEY(host_id, seq)) WITHOUT ROWID;

CREATE TABLE archive_file(
  id INTEGER PRIMARY KEY,
  file TEXT NOT NULL,
  fingerprint INTEGER NOT NULL,
  bytes INTEGER);
CREATE INDEX archive_file_fingerprint ON archive_file(fingerprint);

CREATE TABLE result(
  host_id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  status INTEGER,
  fetched_ms INTEGER,
  ip TEXT,
  http_version TEXT,
  dns_ms INTEGER,
  connect_ms INTEGER,
  tls_ms INTEGER,
  ttfb_ms INTEGER,
  total_ms INTEGER,
  bytes_wire INTEGER NOT NULL,
  bytes_body INTEGER NOT NULL,
  truncated INTEGER NOT NULL,
  content_type TEXT,
  charset TEXT,
  title TEXT,
  digest,
  redirect_to TEXT,
  etag TEXT,
  last_modified TEXT,
  archive_id INTEGER,
  archive_offset INTEGER,
  archive_length INTEGER,
  PRIMARY KEY(host_id, seq)) WITHOUT ROWID;

CREATE TABLE robots(
  origin TEXT PRIMARY KEY,
  fetched_ms INTEGER NOT NULL,
  status INTEGER NOT NULL,
  body BLOB NOT NULL);

CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE progress(
  id INTEGER PRIMARY KEY CHECK(id = 1),
  next_seq INTEGER NOT NULL,
  queued INTEGER NOT NULL,
  fetched INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  excluded INTEGER NOT NULL,
  bytes_wire INTEGER NOT NULL);
INSERT INTO progress VALUES(1, 1, 0, 0, 0, 0, 0);
)sql";

// What sitemaps say of a URL and what a page asks of robots.
constexpr const char* version_2 = R"sql(
ALTER TABLE url ADD COLUMN sitemap INTEGER;
ALTER TABLE url ADD COLUMN sitemap_lastmod TEXT;
ALTER TABLE result ADD COLUMN robots_meta TEXT;
)sql";

// Cookies, and of a result what few have: a name for the body, and a page that is older than the
// last attempt.
constexpr const char* version_5 = R"sql(
CREATE TABLE cookie(
  domain TEXT NOT NULL,
  path TEXT NOT NULL,
  name TEXT NOT NULL,
  host_only INTEGER NOT NULL,
  value TEXT NOT NULL,
  expires_ms INTEGER,
  secure INTEGER NOT NULL,
  http_only INTEGER NOT NULL,
  creation INTEGER NOT NULL,
  PRIMARY KEY(domain, path, name, host_only)) WITHOUT ROWID;

CREATE TABLE result_note(
  host_id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  filename TEXT,
  revisit INTEGER NOT NULL,
  PRIMARY KEY(host_id, seq)) WITHOUT ROWID;
)sql";

// Hosts that are throttled, failing or have a Crawl-delay; of the others there is no row.
constexpr const char* version_6 = R"sql(
CREATE TABLE host_health(
  host_id INTEGER PRIMARY KEY,
  interval_ms INTEGER NOT NULL,
  overloads INTEGER NOT NULL,
  wait_ms INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  failed_probes INTEGER NOT NULL,
  open_until_ms INTEGER NOT NULL,
  crawl_delay_ms INTEGER,
  error TEXT,
  error_detail TEXT);
)sql";

// Requests that are more than a plain GET.
constexpr const char* version_7 = R"sql(
CREATE TABLE request(
  host_id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  method TEXT NOT NULL,
  headers TEXT,
  body BLOB NOT NULL,
  sha256 TEXT,
  mirrors TEXT,
  identity INTEGER NOT NULL,
  sent INTEGER NOT NULL DEFAULT 0,
  served_by TEXT,
  PRIMARY KEY(host_id, seq)) WITHOUT ROWID;
)sql";

// Bodies that broke off and are to be continued.
constexpr const char* version_8 = R"sql(
CREATE TABLE part(
  host_id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  url TEXT NOT NULL,
  file TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  total INTEGER,
  validator TEXT NOT NULL,
  headers TEXT NOT NULL,
  PRIMARY KEY(host_id, seq)) WITHOUT ROWID;
)sql";

// What is remembered about the kinds of URLs of a host.
constexpr const char* version_9 = R"sql(
CREATE TABLE url_pattern(
  host_id INTEGER NOT NULL,
  shape TEXT NOT NULL,
  fetched INTEGER NOT NULL,
  fresh INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  block INTEGER NOT NULL,
  block_fresh INTEGER NOT NULL,
  rank INTEGER NOT NULL,
  PRIMARY KEY(host_id, shape)) WITHOUT ROWID;
)sql";

// What was odd about an answer that was kept.
constexpr const char* version_10 = R"sql(
ALTER TABLE result ADD COLUMN note TEXT;
)sql";

// Hosts that ask for https alone. Its number leaves room for steps that were given theirs earlier.
constexpr const char* version_13 = R"sql(
CREATE TABLE hsts(
  host TEXT PRIMARY KEY,
  expires_ms INTEGER NOT NULL,
  include_subdomains INTEGER NOT NULL) WITHOUT ROWID;
)sql";

// How often a sitemap says that a page changes.
constexpr const char* version_14 = R"sql(
ALTER TABLE url ADD COLUMN sitemap_changefreq TEXT;
)sql";

// The view of today's tables. It is made anew with the last step, because SQLite can't add a column
// to one; so a step speaks of tables alone, and never changes once it has been applied somewhere.
constexpr const char* results_view = R"sql(
DROP VIEW IF EXISTS results;
CREATE VIEW results AS
SELECT u.url AS url,
  CASE u.state WHEN 0 THEN 'queued' WHEN 1 THEN 'fetched' WHEN 2 THEN 'failed'
               ELSE 'excluded' END AS state,
  r.status AS status,
  u.error AS error,
  u.error_detail AS error_detail,
  u.depth AS depth,
  (SELECT v.url FROM url v WHERE v.host_id = u.via_host AND v.seq = u.via_seq) AS via,
  u.attempts AS attempts,
  strftime('%Y-%m-%dT%H:%M:%fZ', r.fetched_ms / 1000.0, 'unixepoch') AS fetched_at,
  r.ip AS ip,
  r.http_version AS http_version,
  r.dns_ms AS dns_ms,
  r.connect_ms AS connect_ms,
  r.tls_ms AS tls_ms,
  r.ttfb_ms AS ttfb_ms,
  r.total_ms AS total_ms,
  r.bytes_wire AS bytes_wire,
  r.bytes_body AS bytes_body,
  r.truncated AS truncated,
  r.content_type AS content_type,
  r.charset AS charset,
  r.title AS title,
  CASE typeof(r.digest) WHEN 'blob' THEN 'sha256:' || lower(hex(r.digest))
                        ELSE r.digest END AS digest,
  r.redirect_to AS redirect_to,
  r.etag AS etag,
  r.last_modified AS last_modified,
  a.file AS archive,
  r.archive_offset AS archive_offset,
  r.archive_length AS archive_length,
  r.robots_meta AS robots_meta,
  u.sitemap_lastmod AS sitemap_lastmod,
  n.filename AS filename,
  CASE n.revisit WHEN 1 THEN 'not_modified' WHEN 2 THEN 'kept' END AS revisit,
  r.note AS note,
  coalesce(q.method, 'GET') AS method,
  q.served_by AS served_by
FROM url u
LEFT JOIN result r ON r.host_id = u.host_id AND r.seq = u.seq
LEFT JOIN result_note n ON n.host_id = r.host_id AND n.seq = r.seq
LEFT JOIN archive_file a ON a.id = r.archive_id
LEFT JOIN request q ON q.host_id = u.host_id AND q.seq = u.seq;
)sql";

// Numbers may have gaps: they only have to rise.
constexpr Migration all_migrations[] = {
    {1, version_1},   {2, version_2},   {5, version_5},   {6, version_6},   {7, version_7},
    {8, version_8},   {9, version_9},   {10, version_10}, {11, version_11}, {13, version_13},
    {14, version_14}, {15, version_15}, {16, version_16}, {17, version_17}};

[[noreturn]] void refuse_newer(const Db& db, std::int64_t version) {
  throw Failure(Errc::damaged,
                fmt::format("{} was written by a newer trawl (version {} of its tables, this one "
                            "knows {}); use that trawl, or choose another output folder",
                            db.path().string(), version, std::rbegin(all_migrations)->version));
}

[[noreturn]] void refuse_foreign(const Db& db) {
  throw Failure(Errc::damaged,
                fmt::format("{} is no database of trawl's; choose another output folder",
                            db.path().string()));
}

}  // namespace

std::span<const Migration> migrations() {
  return all_migrations;
}

void migrate(Db& db, std::span<const Migration> steps) {
  const std::int64_t version = db.integer("PRAGMA user_version");
  if (version > steps.back().version) refuse_newer(db, version);
  if (version == steps.back().version) return;
  Transaction transaction{db, Access::write};
  for (const Migration& step : steps) {
    if (step.version <= version) continue;
    db.exec(step.sql);
    if (step.version == all_migrations[std::size(all_migrations) - 1].version)
      for (const char* view : {results_view, history_view, runs_view}) db.exec(view);
    db.exec(fmt::format("PRAGMA user_version={}", step.version));
  }
  transaction.commit();
}

// A copy of the database as it was before a migration, so that the older trawl can go back to it.
// One that a crash left half written has another name, and is written anew.
void keep_copy(Db& db, std::int64_t version) {
  const std::filesystem::path copy = fmt::format("{}.version-{}", db.path().string(), version);
  const std::filesystem::path part = copy.string() + ".part";
  remove_file(part);
  Statement statement = db.prepare("VACUUM INTO ?1");
  statement.run(std::string_view{part.native()});
  FileHandle::open_for_writing(part).sync_all();
  rename_file(part, copy);
  sync_directory(std::filesystem::absolute(copy).parent_path());
  log("store")->info(
      "the tables of {} are of version {}: they are brought up to date, and {} keeps "
      "them as they were",
      db.path().string(), version, copy.string());
}

// A version alone proves nothing about a file that somebody has edited.
void check_tables(Db& db) {
  if (db.integer("SELECT count(*) FROM sqlite_schema WHERE name IN ('host', 'url', 'result', "
                 "'archive_file', 'robots', 'meta', 'progress', 'results')") == 8)
    return;
  throw Failure(Errc::damaged, fmt::format("{} lacks tables of a crawl; restore it from a copy, or "
                                           "choose another output folder",
                                           db.path().string()));
}

Db open_for_writing(const std::filesystem::path& path) {
  Db db = Db::open(path, Access::write);
  if (db.integer("PRAGMA page_count") == 0)
    // Before anything else, so that the file is known as ours whatever interrupts the rest.
    db.exec(fmt::format("PRAGMA application_id={}", application_id));
  else if (db.integer("PRAGMA application_id") != application_id)
    refuse_foreign(db);
  db.become_writer();
  const std::int64_t version = db.integer("PRAGMA user_version");
  if (version > 0 && version < migrations().back().version) keep_copy(db, version);
  migrate(db, migrations());
  check_tables(db);
  return db;
}

bool is_of_older(const std::filesystem::path& path) {
  Db db = Db::open(path, Access::read);
  if (db.integer("PRAGMA application_id") != application_id) return false;
  const std::int64_t version = db.integer("PRAGMA user_version");
  return version > 0 && version < migrations().back().version;
}

Db open_for_reading(const std::filesystem::path& path) {
  Db db = Db::open(path, Access::read);
  const bool ours = db.integer("PRAGMA application_id") == application_id;
  if (!ours && db.integer("PRAGMA page_count") > 0) refuse_foreign(db);
  const std::int64_t version = ours ? db.integer("PRAGMA user_version") : 0;
  const int known = migrations().back().version;
  if (version > known) refuse_newer(db, version);
  if (version == 0)
    throw Failure(Errc::not_found, fmt::format("{} holds no crawl yet", path.string()));
  if (version < known)
    throw Failure(Errc::in_use, fmt::format("{} was written by an older trawl, and waits to be "
                                            "brought up to date",
                                            path.string()));
  check_tables(db);
  return db;
}

}  // namespace trawl::storage
