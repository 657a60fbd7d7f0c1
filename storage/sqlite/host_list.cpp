// Counting is bounded: a host may have millions of URLs, and this is asked every few seconds.
#include "storage/sqlite/host_list.hpp"

#include "storage/sqlite/health.hpp"
#include "storage/sqlite/stats.hpp"

#include <fmt/format.h>

#include <utility>

namespace trawl::storage {

std::vector<HostRow> list_hosts(Db& db, std::size_t hosts_max, std::size_t urls_counted_max) {
  std::vector<std::pair<std::int64_t, HostRow>> found;
  {
    Statement statement = db.prepare(
        fmt::format("SELECT host.id, host.key, host.next_fetch_ms, {} FROM host "
                    "LEFT JOIN host_health h ON h.host_id = host.id "
                    "ORDER BY coalesce(h.interval_ms > 0 OR h.open_until_ms > 0, 0) DESC, "
                    "host.pages_fetched DESC, host.id LIMIT ?1",
                    health_columns));
    Rows rows = statement.query(hosts_max);
    while (rows.next()) {
      HostRow host{.id = rows.integer(0),
                   .key = std::string{rows.text(1)},
                   .next_fetch_ms = rows.integer(2)};
      host.health = read_health(rows, 3);
      found.emplace_back(rows.integer(0), std::move(host));
    }
  }
  Statement counting = db.prepare(
      "SELECT coalesce(sum(state = 0), 0), coalesce(sum(state = 1), 0), "
      "coalesce(sum(state = 2), 0), count(*) "
      "FROM (SELECT state FROM url WHERE host_id = ?1 LIMIT ?2)");
  // What is counted of a large host are its oldest URLs, all of which may be done while it is
  // crawled. That nothing is left of it is then known only where nothing is left of any host.
  const bool all_drained = last_totals(db).queued == 0;
  std::vector<HostRow> hosts;
  hosts.reserve(found.size());
  for (auto& [id, host] : found) {
    Rows rows = counting.query(id, urls_counted_max);
    if (rows.next()) {
      host.queued = static_cast<std::uint64_t>(rows.integer(0));
      host.fetched = static_cast<std::uint64_t>(rows.integer(1));
      host.failed = static_cast<std::uint64_t>(rows.integer(2));
      host.counts_cut = static_cast<std::size_t>(rows.integer(3)) == urls_counted_max;
      host.drained = host.queued == 0 && (!host.counts_cut || all_drained);
    }
    hosts.push_back(std::move(host));
  }
  return hosts;
}

std::vector<HostWaitRow> hosts_left_alone(Db& db, std::int64_t now_ms, std::size_t hosts_max) {
  Statement statement = db.prepare(
      "SELECT host.key, host.next_fetch_ms, "
      "coalesce(h.wait_ms, 0) FROM host "
      "LEFT JOIN host_health h ON h.host_id = host.id WHERE host.next_fetch_ms > ?1 LIMIT ?2");
  std::vector<HostWaitRow> hosts;
  Rows rows = statement.query(now_ms, hosts_max);
  while (rows.next())
    hosts.push_back({.key = std::string{rows.text(0)},
                     .until_ms = rows.integer(1),
                     .longest = Millis{rows.integer(2)}});
  return hosts;
}

}  // namespace trawl::storage
