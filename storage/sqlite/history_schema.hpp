#pragma once
// The part of the schema that is about pages over all their fetches: for schema.cpp alone.

namespace trawl::storage {

// Pages over all their fetches, and when they are due again.
inline constexpr const char* version_11 = R"sql(
CREATE TABLE url_history(
  host_id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  first_ms INTEGER NOT NULL,
  changed_ms INTEGER NOT NULL,
  checked_ms INTEGER NOT NULL,
  fetches INTEGER NOT NULL,
  changes INTEGER NOT NULL,
  unchanged INTEGER NOT NULL,
  interval_ms INTEGER NOT NULL,
  next_ms INTEGER,
  gone_ms INTEGER,
  PRIMARY KEY(host_id, seq)) WITHOUT ROWID;
CREATE INDEX url_history_next ON url_history(next_ms) WHERE next_ms IS NOT NULL;
)sql";

// Of a page without a row in url_history there was one fetch.
inline constexpr const char* history_view = R"sql(
DROP VIEW IF EXISTS history;
CREATE VIEW history AS
SELECT u.url AS url,
  strftime('%Y-%m-%dT%H:%M:%fZ', coalesce(nullif(h.first_ms, 0), r.fetched_ms) / 1000.0,
           'unixepoch') AS first_seen,
  strftime('%Y-%m-%dT%H:%M:%fZ', coalesce(nullif(h.changed_ms, 0), r.fetched_ms) / 1000.0,
           'unixepoch') AS last_changed,
  strftime('%Y-%m-%dT%H:%M:%fZ', coalesce(nullif(h.checked_ms, 0), r.fetched_ms) / 1000.0,
           'unixepoch') AS last_checked,
  coalesce(h.fetches, 1) AS fetches,
  coalesce(h.changes, 0) AS changes,
  coalesce(h.unchanged, 0) AS unchanged,
  h.interval_ms / 1000.0 AS interval_s,
  strftime('%Y-%m-%dT%H:%M:%fZ', h.next_ms / 1000.0, 'unixepoch') AS next_due,
  strftime('%Y-%m-%dT%H:%M:%fZ', h.gone_ms / 1000.0, 'unixepoch') AS gone_since
FROM url u
LEFT JOIN result r ON r.host_id = u.host_id AND r.seq = u.seq
LEFT JOIN url_history h ON h.host_id = u.host_id AND h.seq = u.seq
WHERE r.fetched_ms IS NOT NULL OR h.seq IS NOT NULL;
)sql";

}  // namespace trawl::storage
