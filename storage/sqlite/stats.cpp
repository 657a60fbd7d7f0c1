// Both tables are clustered by host, so they are read side by side, grouped by host on the way, and
// only the leaders of each list are kept.
#include "storage/sqlite/stats.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace trawl::storage {
namespace {

// The best of the hosts that are offered, best first.
template <class Rank>
class Leaders {
 public:
  explicit Leaders(std::size_t count) : count_(count) {}

  void offer(Rank rank, std::int64_t host, const HostStats& stats) {
    const Key key{rank, -host};  // of equals the older host leads
    if (count_ == 0 || (ranked_.size() == count_ && key < ranked_.front().first)) return;
    if (ranked_.size() == count_) {
      std::ranges::pop_heap(ranked_, std::greater{}, &Ranked::first);
      ranked_.pop_back();
    }
    ranked_.emplace_back(key, stats);
    std::ranges::push_heap(ranked_, std::greater{}, &Ranked::first);
  }
  std::vector<HostStats> take(Db& db) {
    std::ranges::sort(ranked_, std::greater{}, &Ranked::first);
    Statement name = db.prepare("SELECT key FROM host WHERE id=?1");
    std::vector<HostStats> hosts;
    for (auto& [key, stats] : ranked_) {
      if (Rows rows = name.query(-key.second); rows.next()) stats.key = rows.text(0);
      hosts.push_back(std::move(stats));
    }
    return hosts;
  }

 private:
  using Key = std::pair<Rank, std::int64_t>;
  using Ranked = std::pair<Key, HostStats>;
  std::size_t count_;
  std::vector<Ranked> ranked_;  // min-heap
};

std::uint64_t count(const Rows& rows, int column) {
  return static_cast<std::uint64_t>(rows.integer(column));
}

void add(crawl::StoreTotals& all, const crawl::StoreTotals& host) {
  all.queued += host.queued;
  all.fetched += host.fetched;
  all.failed += host.failed;
  all.excluded += host.excluded;
  all.bytes_wire += host.bytes_wire;
}

// Totals of the whole crawl, and its largest and slowest hosts: URLs and results by host, side by
// side.
void scan_hosts(Db& db, Stats& stats, std::size_t hosts_max) {
  Statement by_urls = db.prepare(
      "SELECT host_id, sum(state=0), sum(state=1), sum(state=2), sum(state=3) FROM url "
      "GROUP BY host_id");
  Statement by_fetches = db.prepare(
      "SELECT host_id, sum(bytes_wire), sum(bytes_body), avg(total_ms), min(fetched_ms), "
      "max(fetched_ms) FROM result GROUP BY host_id");
  Leaders<std::uint64_t> largest{hosts_max};
  Leaders<double> slowest{hosts_max};
  Rows urls = by_urls.query(), fetches = by_fetches.query();
  bool more = fetches.next();
  while (urls.next()) {
    const std::int64_t id = urls.integer(0);
    HostStats host{.totals = {count(urls, 1), count(urls, 2), count(urls, 3), count(urls, 4)}};
    for (; more && fetches.integer(0) <= id; more = fetches.next()) {
      host.totals.bytes_wire = count(fetches, 1);
      stats.bytes_body += count(fetches, 2);
      if (!fetches.null(3)) host.mean_total_ms = fetches.real(3);
      if (fetches.null(4)) continue;
      const std::int64_t first = fetches.integer(4), last = fetches.integer(5);
      stats.first_fetch_ms = std::min(stats.first_fetch_ms.value_or(first), first);
      stats.last_fetch_ms = std::max(stats.last_fetch_ms.value_or(last), last);
    }
    add(stats.totals, host.totals);
    ++stats.hosts_all;
    largest.offer(
        host.totals.queued + host.totals.fetched + host.totals.failed + host.totals.excluded, id,
        host);
    if (host.mean_total_ms) slowest.offer(*host.mean_total_ms, id, host);
  }
  stats.largest_hosts = largest.take(db);
  stats.slowest_hosts = slowest.take(db);
}

void read_demoted(Db& db, Stats& stats, std::size_t patterns_max) {
  stats.demoted_all =
      static_cast<std::uint64_t>(db.integer("SELECT count(*) FROM url_pattern WHERE rank > 0"));
  Statement statement = db.prepare(
      "SELECT h.key, p.shape, p.fetched, p.fresh, p.refused, p.rank FROM url_pattern p "
      "JOIN host h ON h.id = p.host_id WHERE p.rank > 0 ORDER BY p.refused DESC, p.fetched DESC "
      "LIMIT ?1");
  Rows rows = statement.query(patterns_max);
  while (rows.next())
    stats.demoted.push_back({std::string{rows.text(0)},
                             {.shape = std::string{rows.text(1)},
                              .fetched = count(rows, 2),
                              .fresh = count(rows, 3),
                              .refused = count(rows, 4),
                              .rank = static_cast<int>(rows.integer(5))}});
}

}  // namespace

Stats read_stats(Db& db, std::size_t hosts_max, Wall now) {
  Stats stats;
  Transaction snapshot{db, Access::read};
  scan_hosts(db, stats, hosts_max);
  {
    Statement statement = db.prepare(
        "SELECT r.status, u.state, count(*) FROM result r CROSS JOIN url u "
        "ON u.host_id = r.host_id AND u.seq = r.seq "
        "WHERE r.status IS NOT NULL GROUP BY 1, 2");
    Rows rows = statement.query();
    while (rows.next()) {
      const int status = static_cast<int>(rows.integer(0));
      stats.by_status[status] += count(rows, 2);
      stats.by_status_class[status / 100] += count(rows, 2);
      stats.by_state[static_cast<crawl::UrlState>(rows.integer(1))][status / 100] += count(rows, 2);
    }
  }
  {
    Statement statement =
        db.prepare("SELECT error, count(*) FROM url WHERE error IS NOT NULL GROUP BY error");
    Rows rows = statement.query();
    while (rows.next()) stats.by_error[std::string{rows.text(0)}] = count(rows, 1);
  }
  read_demoted(db, stats, hosts_max);
  stats.backing_off = hosts_backing_off(db, hosts_max);
  stats.recrawl = recrawl_stats(db, now);
  return stats;
}

}  // namespace trawl::storage
