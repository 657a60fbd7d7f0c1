// Batches continue by key instead of holding a statement open, because an open statement pins a
// snapshot, and the write-ahead log can't be reused while one is pinned.
#include "storage/sqlite/queries.hpp"

#include "storage/sqlite/names.hpp"
#include "storage/sqlite/row.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace trawl::storage {
namespace {

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::optional<int> parse_status(std::string_view text) {
  int status = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), status);
  if (text.size() != 3 || error != std::errc{} || end != text.data() + 3 || status < 100)
    return std::nullopt;
  return status;
}

std::optional<StatusRange> parse_range(std::string_view item) {
  if (item.size() == 3 && (item.ends_with("xx") || item.ends_with("XX")) && item[0] >= '1' &&
      item[0] <= '9') {
    const int first = (item[0] - '0') * 100;
    return StatusRange{first, first + 99};
  }
  const std::size_t dash = item.find('-');
  const auto first = parse_status(item.substr(0, dash));
  const auto last = dash == item.npos ? first : parse_status(item.substr(dash + 1));
  if (!first || !last || *last < *first) return std::nullopt;
  return StatusRange{*first, *last};
}

// Numbers of our own making, so they can stand in the text of the statement.
std::string status_condition(const std::vector<StatusRange>& ranges) {
  std::string text;
  for (const StatusRange& range : ranges)
    text += fmt::format("{}r.status BETWEEN {} AND {}", text.empty() ? "" : " OR ", range.first,
                        range.last);
  return "(" + text + ")";
}

constexpr int first_type = 7;
constexpr std::uint64_t tested_rows_min = 512;

// ?1 host and ?3 position in it, or ?2 and ?3 position among all; ?4 since, ?5 changed since,
// ?6 batch size, ?7 and on types.
std::string sql_of(const RecordFilter& filter) {
  // Conditions on the result let the smaller table lead; CROSS JOIN keeps that order.
  const bool by_result = !filter.status.empty() || filter.since_ms || filter.changed_since_ms ||
                         !filter.types.empty() || !filter.notes.empty() || filter.live;
  const std::string_view lead = by_result ? "r" : "u";
  std::string sql = fmt::format("SELECT u.host_id, u.seq, {} FROM ", record_columns);
  sql += by_result ? "result r CROSS JOIN url u ON u.host_id = r.host_id AND u.seq = r.seq"
                   : "url u LEFT JOIN result r ON r.host_id = u.host_id AND r.seq = u.seq";
  // With a row value SQLite would read the host from its beginning each time.
  sql += filter.host.empty() ? fmt::format(" WHERE ({0}.host_id, {0}.seq) > (?2, ?3)", lead)
                             : fmt::format(" WHERE {0}.host_id = ?1 AND {0}.seq > ?3", lead);
  if (!filter.states.empty()) {
    std::vector<int> states;
    for (const auto state : filter.states) states.push_back(static_cast<int>(state));
    sql += fmt::format(" AND u.state IN ({})", fmt::join(states, ","));
  }
  if (!filter.status.empty()) sql += " AND " + status_condition(filter.status);
  if (filter.since_ms) sql += " AND r.fetched_ms >= ?4";
  if (filter.live) sql += fmt::format(" AND {}", live_condition);
  if (!filter.errors.empty()) {
    std::vector<std::string> errors;
    for (const auto error : filter.errors) errors.push_back(fmt::format("'{}'", to_string(error)));
    sql += fmt::format(" AND u.error IN ({})", fmt::join(errors, ","));
  }
  if (!filter.notes.empty()) {
    std::vector<std::string> notes;
    for (const std::string& note : filter.notes)
      notes.push_back(fmt::format("',' || r.note || ',' LIKE '%,{},%'", note));
    sql += fmt::format(" AND ({})", fmt::join(notes, " OR "));
  }
  if (!filter.types.empty()) {
    std::vector<std::string> types;
    for (std::size_t i = 0; i < filter.types.size(); ++i)
      types.push_back(fmt::format("r.content_type GLOB ?{}", first_type + i));
    sql += fmt::format(" AND ({})", fmt::join(types, " OR "));
  }
  // A page that was fetched once has no history.
  if (filter.changed_since_ms)
    sql +=
        " AND coalesce((SELECT h.changed_ms FROM url_history h WHERE h.host_id = r.host_id AND "
        "h.seq = r.seq), r.fetched_ms) >= ?5";
  return sql + fmt::format(" ORDER BY {0}.host_id, {0}.seq LIMIT ?6", lead);
}

// Whether a host's key is that of `name` with a port.
constexpr std::string_view has_port_sql = "key >= ?1 || ':' AND key < ?1 || ';'";

// The numbers of a host. Without a port, where only others are known, those of all its ports: a
// person who names a host means the one that was crawled. after: a host that a query that is
// continued has come to; by it that is decided.
std::vector<std::int64_t> host_ids(Db& db, const std::string& key, std::int64_t after) {
  bool all_ports = false;
  if (after != 0) {
    Statement statement =
        db.prepare(fmt::format("SELECT 1 FROM host WHERE id = ?2 AND {}", has_port_sql));
    all_ports = statement.query(key, after).next();
  }
  if (!all_ports)
    if (const auto id = Names(db, "host", "key", false).find(key)) return {*id};
  std::vector<std::int64_t> ids;
  if (key.empty() || (key.contains(':') && !key.ends_with(']'))) return ids;
  Statement statement =
      db.prepare(fmt::format("SELECT id FROM host WHERE {} ORDER BY id", has_port_sql));
  for (Rows rows = statement.query(key); rows.next();) ids.push_back(rows.integer(0));
  return ids;
}

}  // namespace

Result<std::vector<StatusRange>> parse_status_filter(std::string_view text) {
  std::vector<StatusRange> ranges;
  for (;;) {
    const std::size_t comma = text.find(',');
    const std::string_view item = trimmed(text.substr(0, comma));
    const auto range = parse_range(item);
    if (!range)
      return fail(Errc::usage, fmt::format("\"{}\" is no HTTP status; write 200, 404, 5xx or "
                                           "300-308, separated by commas",
                                           item));
    ranges.push_back(*range);
    if (comma == text.npos) return ranges;
    text.remove_prefix(comma + 1);
  }
}

RecordQuery::RecordQuery(Db& db, RecordFilter filter)
    : filter_(std::move(filter)),
      statement_(db.prepare(sql_of(filter_))),
      left_(filter_.limit.value_or(std::numeric_limits<std::uint64_t>::max())) {
  if (filter_.host.empty()) return;
  hosts_ = host_ids(db, filter_.host, filter_.after.value_or(crawl::UrlId{}).host);
  if (filter_.after)
    std::erase_if(hosts_, [this](std::int64_t host) { return host < filter_.after->host; });
  std::ranges::reverse(hosts_);
  if (hosts_.empty()) left_ = 0;
}

bool RecordQuery::passes(const crawl::Record& record) const {
  return filter_.urls.empty() ||
         std::ranges::any_of(filter_.urls, [&record](const crawl::UrlPattern& pattern) {
           return pattern.matches(record.url);
         });
}

void RecordQuery::bind_conditions(std::uint64_t rows_max) {
  const crawl::UrlId after = filter_.after.value_or(crawl::UrlId{});
  if (hosts_.empty()) {
    statement_.bind(2, after.host);
    statement_.bind(3, after.seq);
  } else {
    statement_.bind(1, hosts_.back());
    statement_.bind(3, after.host == hosts_.back() ? after.seq : crawl::UrlId{}.seq);
  }
  if (filter_.since_ms) statement_.bind(4, *filter_.since_ms);
  if (filter_.changed_since_ms) statement_.bind(5, *filter_.changed_since_ms);
  statement_.bind(6, static_cast<std::int64_t>(rows_max));
  for (std::size_t i = 0; i < filter_.types.size(); ++i)
    statement_.bind(first_type + static_cast<int>(i), std::string_view{filter_.types[i]});
}

bool RecordQuery::read_rows(std::vector<crawl::Record>& records, std::uint64_t wanted) {
  const auto rows_max = filter_.urls.empty() ? wanted : std::max(wanted, tested_rows_min);
  bind_conditions(rows_max);
  std::uint64_t rows_read = 0, added = 0;
  for (Rows rows = statement_.query(); added < wanted && rows.next(); ++rows_read) {
    filter_.after = crawl::UrlId{rows.integer(0), rows.integer(1)};
    auto record = read_record(rows, 2);
    if (!passes(record)) continue;
    record.id = *filter_.after;
    records.push_back(std::move(record));
    ++added;
  }
  if (added == wanted || rows_read == rows_max) return true;
  if (!hosts_.empty()) hosts_.pop_back();
  return !hosts_.empty();
}

std::vector<crawl::Record> RecordQuery::next_batch(std::size_t max_records) {
  std::vector<crawl::Record> records;
  const std::uint64_t wanted = std::min<std::uint64_t>(max_records, left_);
  bool more = wanted > 0;
  while (more && records.size() < wanted) more = read_rows(records, wanted - records.size());
  left_ = more ? left_ - records.size() : 0;
  return records;
}

std::optional<crawl::Record> find_record(Db& db, std::string_view url, std::string_view host,
                                         std::string_view method) {
  const auto host_id = Names(db, "host", "key", false).find(host);
  if (!host_id) return std::nullopt;
  Statement statement = db.prepare(fmt::format(
      "SELECT u.seq, {} FROM url u "
      "LEFT JOIN result r ON r.host_id = u.host_id AND r.seq = u.seq "
      "LEFT JOIN request q ON q.host_id = u.host_id AND q.seq = u.seq "
      "WHERE u.host_id = ?1 AND u.url = ?2 AND (?3 = '' OR coalesce(q.method, 'GET') = ?3) "
      "ORDER BY coalesce(q.identity, 0) <> 0, u.seq LIMIT 1",
      record_columns));
  Rows rows = statement.query(*host_id, url, method);
  if (!rows.next()) return std::nullopt;
  auto record = read_record(rows, 1);
  record.id = {*host_id, rows.integer(0)};
  return record;
}

std::optional<crawl::Record> find_record(Db& db, crawl::UrlId id) {
  Statement statement = db.prepare(fmt::format(
      "SELECT {} FROM url u LEFT JOIN result r ON r.host_id = u.host_id AND r.seq = u.seq "
      "WHERE u.host_id = ?1 AND u.seq = ?2",
      record_columns));
  Rows rows = statement.query(id.host, id.seq);
  if (!rows.next()) return std::nullopt;
  auto record = read_record(rows, 0);
  record.id = id;
  return record;
}

std::vector<crawl::ArchiveMark> archive_marks(Db& db) {
  std::vector<crawl::ArchiveMark> marks;
  Statement statement =
      db.prepare("SELECT file, bytes FROM archive_file WHERE bytes IS NOT NULL ORDER BY id");
  Rows rows = statement.query();
  while (rows.next())
    marks.push_back({std::string{rows.text(0)}, static_cast<std::uint64_t>(rows.integer(1))});
  return marks;
}

std::string database_fault(Db& db) {
  Statement check = db.prepare("PRAGMA quick_check(1)");
  Rows rows = check.query();
  if (!rows.next()) return "its check says nothing";
  std::string_view found = rows.text(0);
  if (found == "ok") return {};
  found.remove_prefix(found.starts_with("***") ? found.find('\n') + 1 : 0);  // names the database
  return std::string{found};
}

}  // namespace trawl::storage
