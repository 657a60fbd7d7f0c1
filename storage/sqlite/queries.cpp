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

// ?1 host, ?2 and ?3 position, ?4 since, ?5 changed since, ?6 batch size.
std::string sql_of(const RecordFilter& filter) {
  // Conditions on the result let the smaller table lead; CROSS JOIN keeps that order.
  const bool by_result = !filter.status.empty() || filter.since_ms || filter.changed_since_ms;
  const std::string_view lead = by_result ? "r" : "u";
  std::string sql = fmt::format("SELECT u.host_id, u.seq, {} FROM ", record_columns);
  sql += by_result ? "result r CROSS JOIN url u ON u.host_id = r.host_id AND u.seq = r.seq"
                   : "url u LEFT JOIN result r ON r.host_id = u.host_id AND r.seq = u.seq";
  sql += filter.host.empty()
             ? fmt::format(" WHERE ({0}.host_id, {0}.seq) > (?2, ?3)", lead)
             : fmt::format(" WHERE {0}.host_id = ?1 AND ({0}.host_id, {0}.seq) > (?2, ?3)", lead);
  if (!filter.states.empty()) {
    std::vector<int> states;
    for (const auto state : filter.states) states.push_back(static_cast<int>(state));
    sql += fmt::format(" AND u.state IN ({})", fmt::join(states, ","));
  }
  if (!filter.status.empty()) sql += " AND " + status_condition(filter.status);
  if (filter.since_ms) sql += " AND r.fetched_ms >= ?4";
  if (!filter.errors.empty()) {
    std::vector<std::string> errors;
    for (const auto error : filter.errors) errors.push_back(fmt::format("'{}'", to_string(error)));
    sql += fmt::format(" AND u.error IN ({})", fmt::join(errors, ","));
  }
  // A page that was fetched once has no history.
  if (filter.changed_since_ms)
    sql +=
        " AND coalesce((SELECT h.changed_ms FROM url_history h WHERE h.host_id = r.host_id AND "
        "h.seq = r.seq), r.fetched_ms) >= ?5";
  return sql + fmt::format(" ORDER BY {0}.host_id, {0}.seq LIMIT ?6", lead);
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
  host_id_ = Names(db, "host", "key", false).find(filter_.host);
  if (!host_id_) left_ = 0;
}

void RecordQuery::bind_conditions() {
  const crawl::UrlId after = filter_.after.value_or(crawl::UrlId{});
  if (host_id_) statement_.bind(1, *host_id_);
  statement_.bind(2, after.host);
  statement_.bind(3, after.seq);
  if (filter_.since_ms) statement_.bind(4, *filter_.since_ms);
  if (filter_.changed_since_ms) statement_.bind(5, *filter_.changed_since_ms);
}

std::vector<crawl::Record> RecordQuery::next_batch(std::size_t max_records) {
  std::vector<crawl::Record> records;
  const std::uint64_t wanted = std::min<std::uint64_t>(max_records, left_);
  if (wanted == 0) return records;
  bind_conditions();
  statement_.bind(6, static_cast<std::int64_t>(wanted));
  Rows rows = statement_.query();
  while (rows.next()) {
    filter_.after = crawl::UrlId{rows.integer(0), rows.integer(1)};
    records.push_back(read_record(rows, 2));
    records.back().id = *filter_.after;
  }
  left_ = records.size() < wanted ? 0 : left_ - records.size();
  return records;
}

std::optional<crawl::Record> find_record(Db& db, std::string_view url, std::string_view host,
                                         std::string_view method) {
  const auto host_id = Names(db, "host", "key", false).find(host);
  if (!host_id) return std::nullopt;
  Statement statement = db.prepare(fmt::format(
      "SELECT {} FROM url u LEFT JOIN result r ON r.host_id = u.host_id AND r.seq = u.seq "
      "LEFT JOIN request q ON q.host_id = u.host_id AND q.seq = u.seq "
      "WHERE u.host_id = ?1 AND u.url = ?2 AND (?3 = '' OR coalesce(q.method, 'GET') = ?3) "
      "ORDER BY coalesce(q.identity, 0) <> 0, u.seq LIMIT 1",
      record_columns));
  Rows rows = statement.query(*host_id, url, method);
  if (!rows.next()) return std::nullopt;
  return read_record(rows, 0);
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
