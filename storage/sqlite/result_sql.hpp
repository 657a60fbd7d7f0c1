#pragma once
// How a result is written: for store.cpp alone. Which commit made it another page is decided here,
// where the row of before is at hand.

#include <string_view>

namespace trawl::storage {

inline constexpr std::string_view into_result =
    "INTO result(host_id, seq, status, fetched_ms, ip, http_version, dns_ms, connect_ms, tls_ms, "
    "ttfb_ms, total_ms, bytes_wire, bytes_body, truncated, content_type, charset, title, digest, "
    "redirect_to, etag, last_modified, archive_id, archive_offset, archive_length, robots_meta, "
    "note, left_out, changed_in) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,"
    "?18,?19,?20,?21,?22,?23,?24,?25,?26,?27,";

// The commit, unless what an index of pages goes by is as it was, and a body is there as before.
inline constexpr std::string_view commit_if_changed =
    "(SELECT CASE WHEN r.status IS ?3 AND r.content_type IS ?15 AND r.charset IS ?16 AND r.digest "
    "IS ?18 AND r.redirect_to IS ?19 AND r.robots_meta IS ?25 AND coalesce(r.left_out, 0) IS ?27 "
    "AND (r.archive_id IS NULL) IS (?22 IS NULL) THEN r.changed_in ELSE ?28 END FROM result r "
    "WHERE r.host_id=?1 AND r.seq=?2))";

// What there was of a URL is no page any more: for whoever keeps a copy its number stays.
inline constexpr std::string_view bury_sql =
    "REPLACE INTO result(host_id, seq, bytes_wire, bytes_body, truncated, left_out, changed_in) "
    "SELECT host_id, seq, 0, 0, 0, 2, CASE WHEN status IS NULL THEN changed_in ELSE ?3 END FROM "
    "result WHERE host_id=?1 AND seq=?2 AND (status IS NOT NULL OR changed_in IS NOT NULL)";

}  // namespace trawl::storage
