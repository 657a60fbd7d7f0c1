// The tables have no index on the text of URLs (schema.cpp says why), so everything here that looks
// for one scans its host's range; an explanation is asked for by people, one at a time.
#include "storage/sqlite/url_facts.hpp"

#include "storage/sqlite/health.hpp"
#include "storage/sqlite/names.hpp"
#include "storage/sqlite/row.hpp"

#include <fmt/format.h>

namespace trawl::storage {
namespace {

std::optional<std::int64_t> host_id_of(Db& db, std::string_view host) {
  return Names(db, "host", "key", false).find(host);
}

std::optional<crawl::UrlId> id_from(const Rows& rows, int column) {
  const auto host = rows.optional_integer(column);
  const auto seq = rows.optional_integer(column + 1);
  return host && seq ? std::optional{crawl::UrlId{*host, *seq}} : std::nullopt;
}

crawl::SitemapRole role_from(const Rows& rows, int column) {
  const auto role = rows.optional_integer(column);
  return role ? crawl::SitemapRole{static_cast<int>(*role)} : std::nullopt;
}

}  // namespace

std::optional<UrlRow> find_url(Db& db, std::string_view url, std::string_view host,
                               std::string_view method) {
  const auto host_id = host_id_of(db, host);
  if (!host_id) return std::nullopt;
  Statement statement = db.prepare(fmt::format(
      "SELECT u.host_id, u.seq, u.via_host, u.via_seq, u.due_ms, u.redirect_chain, "
      "u.sitemap, {} "
      "FROM url u LEFT JOIN result r ON r.host_id = u.host_id AND r.seq = u.seq "
      "LEFT JOIN request q ON q.host_id = u.host_id AND q.seq = u.seq "
      "WHERE u.host_id = ?1 AND u.url = ?2 AND (?3 = '' OR coalesce(q.method, 'GET') = ?3) "
      "ORDER BY coalesce(q.identity, 0) <> 0, u.seq LIMIT 1",
      record_columns));
  Rows rows = statement.query(*host_id, url, method);
  if (!rows.next()) return std::nullopt;
  return UrlRow{.id = {rows.integer(0), rows.integer(1)},
                .record = read_record(rows, 7),
                .via = id_from(rows, 2),
                .due_ms = rows.integer(4),
                .redirect_chain = chain_from_blob(rows.blob(5)),
                .sitemap = role_from(rows, 6)};
}

std::vector<ViaStep> via_chain(Db& db, const UrlRow& row, std::size_t steps_max) {
  std::vector<ViaStep> steps;
  Statement statement = db.prepare(
      "SELECT url, depth, via_host, via_seq, length(redirect_chain), sitemap FROM url "
      "WHERE host_id = ?1 AND seq = ?2");
  bool redirected = !row.redirect_chain.empty();
  for (auto id = row.via; id && steps.size() < steps_max;) {
    Rows rows = statement.query(id->host, id->seq);
    if (!rows.next()) break;
    steps.push_back({std::string{rows.text(0)}, static_cast<int>(rows.integer(1)), redirected,
                     role_from(rows, 5)});
    redirected = rows.integer(4) > 0;
    id = id_from(rows, 2);
  }
  return steps;
}

std::optional<HostFacts> host_facts(Db& db, std::string_view host, const UrlRow* row, Wall now) {
  const auto id = host_id_of(db, host);
  if (!id) return std::nullopt;
  HostFacts facts;
  {
    Statement statement =
        db.prepare(fmt::format("SELECT next_fetch_ms, pages_fetched, {} FROM host "
                               "LEFT JOIN host_health h ON h.host_id = id WHERE id = ?1",
                               health_columns));
    Rows rows = statement.query(*id);
    if (!rows.next()) return std::nullopt;
    facts.state = {*id, std::string{host}, rows.integer(0), rows.integer(1), read_health(rows, 2)};
  }
  if (row == nullptr) return facts;
  // In the order of their lanes, and in sequence order within one, among those that are due by
  // then.
  const std::int64_t at = std::max(row->due_ms, now.time_since_epoch().count());
  Statement statement = db.prepare(
      "SELECT count(*) FROM (SELECT seq, CASE WHEN seq >> ?6 = 0 THEN 0 WHEN seq >> ?6 <= ?7 "
      "THEN ?7 + 1 - (seq >> ?6) ELSE ?7 - (seq >> ?6) END AS priority FROM url WHERE host_id = ?1 "
      "AND state = 0 AND due_ms <= ?2) WHERE priority > ?5 OR (priority = ?5 AND seq < ?3) OR ?4");
  Rows rows =
      statement.query(*id, at, row->id.seq, row->due_ms > now.time_since_epoch().count(),
                      crawl::priority_of(row->id.seq), crawl::lane_shift, crawl::priority_max);
  if (rows.next()) facts.queued_before = static_cast<std::uint64_t>(rows.integer(0));
  if (row->due_ms > now.time_since_epoch().count() && facts.queued_before > 0)
    --facts.queued_before;  // itself
  return facts;
}

std::optional<crawl::RobotsState> stored_robots(Db& db, std::string_view origin) {
  Statement statement = db.prepare("SELECT fetched_ms, status, body FROM robots WHERE origin = ?1");
  Rows rows = statement.query(origin);
  if (!rows.next()) return std::nullopt;
  return crawl::RobotsState{std::string{origin}, rows.integer(0), static_cast<int>(rows.integer(1)),
                            std::string{rows.blob(2)}};
}

std::vector<std::string> robots_origins(Db& db) {
  Statement statement = db.prepare("SELECT origin FROM robots ORDER BY origin");
  std::vector<std::string> origins;
  for (Rows rows = statement.query(); rows.next();) origins.emplace_back(rows.text(0));
  return origins;
}

std::vector<crawl::PatternState> stored_patterns(Db& db, std::string_view host) {
  Statement statement = db.prepare(
      "SELECT host_id, shape, fetched, fresh, refused, block, block_fresh, rank FROM url_pattern "
      "WHERE ?1 = '' OR host_id = (SELECT id FROM host WHERE key = ?1) ORDER BY host_id, shape");
  std::vector<crawl::PatternState> patterns;
  Rows rows = statement.query(host);
  const auto count = [&](int column) { return static_cast<std::uint64_t>(rows.integer(column)); };
  while (rows.next())
    patterns.push_back({.host = rows.integer(0),
                        .shape = std::string{rows.text(1)},
                        .fetched = count(2),
                        .fresh = count(3),
                        .refused = count(4),
                        .block = static_cast<std::uint32_t>(rows.integer(5)),
                        .block_fresh = static_cast<std::uint32_t>(rows.integer(6)),
                        .rank = static_cast<int>(rows.integer(7))});
  return patterns;
}

std::optional<std::string> stored_meta(Db& db, std::string_view key) {
  Statement statement = db.prepare("SELECT value FROM meta WHERE key = ?1");
  Rows rows = statement.query(key);
  if (!rows.next()) return std::nullopt;
  return std::string{rows.text(0)};
}

std::vector<std::string> known_among(Db& db, std::string_view host,
                                     const std::vector<std::string>& urls) {
  std::vector<std::string> known;
  const auto id = host_id_of(db, host);
  if (!id || urls.empty()) return known;
  std::string places;
  for (std::size_t i = 0; i < urls.size(); ++i)
    places += fmt::format("{}?{}", i == 0 ? "" : ",", i + 2);
  Statement statement = db.prepare(fmt::format(
      "SELECT url FROM url WHERE host_id = ?1 AND url COLLATE NOCASE IN ({}) ORDER BY seq",
      places));
  statement.bind(1, *id);
  for (std::size_t i = 0; i < urls.size(); ++i)
    statement.bind(static_cast<int>(i + 2), std::string_view{urls[i]});
  Rows rows = statement.query();
  while (rows.next()) known.emplace_back(rows.text(0));
  return known;
}

std::vector<std::string> redirects_to(Db& db, std::string_view host, std::string_view url,
                                      std::size_t count_max) {
  std::vector<std::string> sources;
  const auto id = host_id_of(db, host);
  if (!id) return sources;
  Statement statement = db.prepare(
      "SELECT u.url FROM result r CROSS JOIN url u ON u.host_id = r.host_id AND u.seq = r.seq "
      "WHERE r.host_id = ?1 AND r.redirect_to = ?2 ORDER BY r.seq LIMIT ?3");
  Rows rows = statement.query(*id, url, count_max);
  while (rows.next()) sources.emplace_back(rows.text(0));
  return sources;
}

void each_seed(Db& db, const std::function<void(const crawl::KnownSeed&)>& visit) {
  Statement statement = db.prepare(
      "SELECT u.url, u.sitemap, r.redirect_to, u.redirect_chain, u.state <> 2 AND r.redirect_to "
      "IS NULL AND (r.status BETWEEN 200 AND 299 OR r.status = 304) AND NOT EXISTS (SELECT 1 FROM "
      "result_note n WHERE n.host_id = u.host_id AND n.seq = u.seq AND n.revisit = 2), u.host_id, "
      "u.seq, u.state = 3 AND u.error IN ('depth', 'scope', 'trap') AND r.host_id IS NOT NULL AND "
      "r.left_out IS NOT 2, u.state = 0 FROM url u LEFT JOIN result r "
      "ON r.host_id = u.host_id AND r.seq = u.seq WHERE u.depth = 0 "
      "AND u.sitemap IS NOT 0");
  Rows rows = statement.query();
  while (rows.next()) {
    visit({.id = {rows.integer(5), rows.integer(6)},
           .url = rows.text(0),
           .sitemap = role_from(rows, 1),
           .redirect_to = rows.text(2),
           .redirect_chain = chain_from_blob(rows.blob(3)),
           .is_page = rows.integer(4) != 0,
           .left_out = rows.integer(7) != 0,
           .queued = rows.integer(8) != 0});
  }
}

}  // namespace trawl::storage
