#pragma once
// The part of the schema that is about the runs of a job and what they change: for schema.cpp
// alone.

namespace trawl::storage {

inline constexpr const char* version_15 = R"sql(
CREATE TABLE run(
  began_ms INTEGER PRIMARY KEY,
  ended_ms INTEGER,
  mode TEXT NOT NULL,
  end TEXT,
  detail TEXT,
  fetched INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  excluded INTEGER NOT NULL,
  queued INTEGER NOT NULL,
  bytes_wire INTEGER NOT NULL);
)sql";

// The number of commits; of each result the one that made it another page for whoever keeps a copy
// (null: an earlier trawl wrote it, or there never was an answer), and what the last attempt that
// ended left: 1 no page, for it was excluded, or failed without one of before; 2 nothing at all,
// the row only says that there was a page once.
inline constexpr const char* version_16 = R"sql(
ALTER TABLE progress ADD COLUMN commits INTEGER NOT NULL DEFAULT 0;
ALTER TABLE result ADD COLUMN changed_in INTEGER;
ALTER TABLE result ADD COLUMN left_out INTEGER;
UPDATE result SET left_out = 1 WHERE EXISTS (SELECT 1 FROM url u WHERE u.host_id = result.host_id
  AND u.seq = result.seq AND (u.state = 3 OR (u.state = 2 AND NOT EXISTS (SELECT 1 FROM
  result_note n WHERE n.host_id = u.host_id AND n.seq = u.seq AND n.revisit = 2))));
)sql";

// The commit with which each epoch begins, see epochs.hpp.
inline constexpr const char* version_17 = R"sql(
CREATE TABLE epoch(first_commit INTEGER PRIMARY KEY, epoch INTEGER NOT NULL);
)sql";

inline constexpr const char* runs_view = R"sql(
DROP VIEW IF EXISTS runs;
CREATE VIEW runs AS
SELECT strftime('%Y-%m-%dT%H:%M:%fZ', began_ms / 1000.0, 'unixepoch') AS began,
  strftime('%Y-%m-%dT%H:%M:%fZ', ended_ms / 1000.0, 'unixepoch') AS ended,
  mode,
  end,
  detail,
  fetched,
  failed,
  excluded,
  queued,
  bytes_wire
FROM run;
)sql";

}  // namespace trawl::storage
