// Both tables are clustered by host, so each is read once, grouped by host on the way, and only the
// leaders of each list are kept.
#include "storage/sqlite/stats.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace trawl::storage {
namespace {

// The hosts_max best of what is offered, best first.
template <class Rank>
class Leaders {
 public:
  explicit Leaders(std::size_t count) : count_(count) {}

  void offer(Rank rank, std::int64_t host) {
    ranked_.emplace_back(rank, -host);  // of equals the older host leads
    std::ranges::push_heap(ranked_, std::greater{});
    if (ranked_.size() <= count_) return;
    std::ranges::pop_heap(ranked_, std::greater{});
    ranked_.pop_back();
  }
  std::vector<std::int64_t> take() {
    std::ranges::sort(ranked_, std::greater{});
    std::vector<std::int64_t> hosts;
    hosts.reserve(ranked_.size());
    for (const auto& [rank, host] : ranked_) hosts.push_back(-host);
    return hosts;
  }

 private:
  std::size_t count_;
  std::vector<std::pair<Rank, std::int64_t>> ranked_;  // min-heap
};

std::uint64_t count(const Rows& rows, int column) {
  return static_cast<std::uint64_t>(rows.integer(column));
}

constexpr std::string_view urls_by_host =
    "SELECT host_id, sum(state=0), sum(state=1), sum(state=2), sum(state=3) FROM url ";
constexpr std::string_view fetches_by_host =
    "SELECT host_id, sum(bytes_wire), sum(bytes_body), avg(total_ms), min(fetched_ms), "
    "max(fetched_ms) FROM result ";

// Totals of the whole crawl; returns the largest hosts.
std::vector<std::int64_t> scan_urls(Db& db, Stats& stats, std::size_t hosts_max) {
  Leaders<std::uint64_t> largest{hosts_max};
  Statement statement = db.prepare(std::string{urls_by_host} + "GROUP BY host_id");
  Rows rows = statement.query();
  while (rows.next()) {
    stats.totals.queued += count(rows, 1);
    stats.totals.fetched += count(rows, 2);
    stats.totals.failed += count(rows, 3);
    stats.totals.excluded += count(rows, 4);
    ++stats.hosts_all;
    largest.offer(count(rows, 1) + count(rows, 2) + count(rows, 3) + count(rows, 4),
                  rows.integer(0));
  }
  return largest.take();
}

// Bytes and times of the whole crawl; returns the slowest hosts.
std::vector<std::int64_t> scan_fetches(Db& db, Stats& stats, std::size_t hosts_max) {
  Leaders<double> slowest{hosts_max};
  Statement statement = db.prepare(std::string{fetches_by_host} + "GROUP BY host_id");
  Rows rows = statement.query();
  while (rows.next()) {
    stats.totals.bytes_wire += count(rows, 1);
    stats.bytes_body += count(rows, 2);
    if (!rows.null(3)) slowest.offer(rows.real(3), rows.integer(0));
    if (rows.null(4)) continue;
    stats.first_fetch_ms =
        std::min(stats.first_fetch_ms.value_or(rows.integer(4)), rows.integer(4));
    stats.last_fetch_ms = std::max(stats.last_fetch_ms.value_or(rows.integer(5)), rows.integer(5));
  }
  return slowest.take();
}

std::vector<HostStats> describe(Db& db, const std::vector<std::int64_t>& hosts) {
  Statement key = db.prepare("SELECT key FROM host WHERE id=?1");
  Statement urls = db.prepare(std::string{urls_by_host} + "WHERE host_id=?1");
  Statement fetches = db.prepare(std::string{fetches_by_host} + "WHERE host_id=?1");
  std::vector<HostStats> described;
  for (const std::int64_t host : hosts) {
    HostStats stats;
    if (Rows rows = key.query(host); rows.next()) stats.key = rows.text(0);
    if (Rows rows = urls.query(host); rows.next())
      stats.totals = {count(rows, 1), count(rows, 2), count(rows, 3), count(rows, 4)};
    if (Rows rows = fetches.query(host); rows.next()) {
      stats.totals.bytes_wire = count(rows, 1);
      if (!rows.null(3)) stats.mean_total_ms = rows.real(3);
    }
    described.push_back(std::move(stats));
  }
  return described;
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
  const std::vector<std::int64_t> largest = scan_urls(db, stats, hosts_max);
  const std::vector<std::int64_t> slowest = scan_fetches(db, stats, hosts_max);
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
  stats.largest_hosts = describe(db, largest);
  stats.slowest_hosts = describe(db, slowest);
  stats.backing_off = hosts_backing_off(db, hosts_max);
  stats.recrawl = recrawl_stats(db, now);
  return stats;
}

}  // namespace trawl::storage
