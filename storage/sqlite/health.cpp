// A table of its own: a few rows among millions of hosts, and nothing for a host that is well.
#include "storage/sqlite/health.hpp"

#include "storage/sqlite/row.hpp"

#include <fmt/format.h>

namespace trawl::storage {

const std::string_view health_columns =
    "h.interval_ms, h.overloads, h.wait_ms, h.failures, h.failed_probes, h.open_until_ms, "
    "h.crawl_delay_ms, h.error, h.error_detail";

std::optional<crawl::HealthRecord> read_health(const Rows& rows, int first) {
  if (rows.null(first)) return std::nullopt;
  crawl::HealthRecord health{.interval = Millis{rows.integer(first)},
                             .overloads_in_a_row = static_cast<int>(rows.integer(first + 1)),
                             .wait = Millis{rows.integer(first + 2)},
                             .failures_in_a_row = static_cast<int>(rows.integer(first + 3)),
                             .failed_probes = static_cast<int>(rows.integer(first + 4)),
                             .open_until_ms = rows.integer(first + 5),
                             .error_detail = std::string{rows.text(first + 8)}};
  if (!rows.null(first + 6)) health.crawl_delay = Millis{rows.integer(first + 6)};
  if (!rows.null(first + 7)) health.error = error_from_name(rows.text(first + 7));
  return health;
}

HealthTable::HealthTable(Db& db)
    : upsert_(
          db.prepare("INSERT OR REPLACE INTO host_health VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)")),
      remove_(db.prepare("DELETE FROM host_health WHERE host_id=?1")) {}

void HealthTable::write(std::int64_t host, const crawl::HealthRecord& health) {
  if (health == crawl::HealthRecord{}) {
    remove_.run(host);
    return;
  }
  const auto crawl_delay_ms =
      health.crawl_delay ? std::optional{health.crawl_delay->count()} : std::nullopt;
  upsert_.run(host, health.interval.count(), health.overloads_in_a_row, health.wait.count(),
              health.failures_in_a_row, health.failed_probes, health.open_until_ms, crawl_delay_ms,
              error_name(health.error), NullIfEmpty{health.error_detail});
}

HostsBackingOff hosts_backing_off(Db& db, std::size_t hosts_max) {
  HostsBackingOff hosts;
  {
    Statement statement = db.prepare(
        "SELECT coalesce(sum(open_until_ms = 0), 0), coalesce(sum(open_until_ms > 0), 0) "
        "FROM host_health WHERE interval_ms > 0 OR open_until_ms > 0");
    Rows rows = statement.query();
    if (!rows.next()) return hosts;
    hosts.throttled = static_cast<std::uint64_t>(rows.integer(0));
    hosts.open = static_cast<std::uint64_t>(rows.integer(1));
  }
  Statement statement = db.prepare(fmt::format(
      "SELECT host.key, host.next_fetch_ms, {} FROM host_health h JOIN host ON host.id = h.host_id "
      "WHERE h.interval_ms > 0 OR h.open_until_ms > 0 "
      "ORDER BY h.open_until_ms DESC, h.interval_ms DESC, h.host_id LIMIT ?1",
      health_columns));
  Rows rows = statement.query(hosts_max);
  while (rows.next())
    hosts.longest.push_back({std::string{rows.text(0)}, rows.integer(1), *read_health(rows, 2)});
  return hosts;
}

}  // namespace trawl::storage
