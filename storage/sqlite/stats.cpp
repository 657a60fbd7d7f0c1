// Both tables are in the order of hosts and URLs, so one pass reads them side by side, and only the
// leaders of each list are kept.
#include "storage/sqlite/stats.hpp"

#include <algorithm>
#include <functional>
#include <ranges>
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

// Of an answer that came, but not as it should have: what it says may be wrong as well (a sitemap,
// a redirect), which is no damage.
bool is_damage(std::string_view error) {
  const auto code = errc_from_string(error);
  return code == Errc::decode || code == Errc::protocol || code == Errc::body_truncated;
}

// Counts one URL after another, those of a host together.
class Tally {
 public:
  // nameless: the host that stands for lines of a list that are no URLs.
  Tally(Stats& stats, std::size_t hosts_max, std::optional<std::int64_t> nameless)
      : stats_(stats), largest_(hosts_max), slowest_(hosts_max), nameless_(nameless) {}

  void add_url(std::int64_t host, crawl::UrlState state, std::string_view error, bool is_seed) {
    if (host != host_) end_host();
    host_ = host;
    switch (state) {
      case crawl::UrlState::queued:
        ++current_.totals.queued;
        break;
      case crawl::UrlState::fetched:
        ++current_.totals.fetched;
        if (is_damage(error)) ++stats_.damaged;
        break;
      case crawl::UrlState::failed:
        ++current_.totals.failed;
        break;
      case crawl::UrlState::excluded:
        ++current_.totals.excluded;
        if (is_seed) ++stats_.excluded_seeds;
        break;
    }
    if (error.empty()) return;
    const auto known = errors_.find(error);
    ++(known != errors_.end() ? known->second : errors_[std::string{error}]);
  }

  // Of the URL that was added last.
  void add_result(crawl::UrlState state, const Rows& result) {
    current_.totals.bytes_wire += count(result, 3);
    stats_.bytes_body += count(result, 4);
    if (state == crawl::UrlState::fetched && result.integer(7) != 0) ++stats_.truncated;
    if (!result.null(8)) add_notes(result.text(8));
    if (!result.null(2)) ++statuses_[static_cast<int>(result.integer(2))][state];
    if (!result.null(5)) {
      ++timed_;
      total_ms_ += result.integer(5);
    }
    if (result.null(6)) return;
    const std::int64_t fetched_ms = result.integer(6);
    stats_.first_fetch_ms = std::min(stats_.first_fetch_ms.value_or(fetched_ms), fetched_ms);
    stats_.last_fetch_ms = std::max(stats_.last_fetch_ms.value_or(fetched_ms), fetched_ms);
  }

  void end(Db& db) {
    end_host();
    for (const auto& [status, states] : statuses_) {
      for (const auto& [state, urls] : states) {
        stats_.by_status[status] += urls;
        if (state == crawl::UrlState::fetched) stats_.fetched_by_status[status] += urls;
        stats_.by_status_class[status / 100] += urls;
        stats_.by_state[state][status / 100] += urls;
      }
    }
    stats_.by_error.insert(errors_.begin(), errors_.end());
    stats_.largest_hosts = largest_.take(db);
    stats_.slowest_hosts = slowest_.take(db);
  }

 private:
  void add_notes(std::string_view notes) {
    for (const auto word : std::views::split(notes, ','))
      ++stats_.by_note[std::string{word.begin(), word.end()}];
  }

  void end_host() {
    if (!host_) return;
    if (timed_ > 0)
      current_.mean_total_ms = static_cast<double>(total_ms_) / static_cast<double>(timed_);
    const crawl::StoreTotals& of = current_.totals;
    add(stats_.totals, of);
    if (host_ != nameless_) {
      ++stats_.hosts_all;
      largest_.offer(of.queued + of.fetched + of.failed + of.excluded, *host_, current_);
      if (current_.mean_total_ms) slowest_.offer(*current_.mean_total_ms, *host_, current_);
    }
    current_ = {};
    timed_ = 0;
    total_ms_ = 0;
  }

  Stats& stats_;
  Leaders<std::uint64_t> largest_;
  Leaders<double> slowest_;
  std::optional<std::int64_t> nameless_;
  std::map<std::string, std::uint64_t, std::less<>> errors_;
  std::map<int, std::map<crawl::UrlState, std::uint64_t>> statuses_;
  std::optional<std::int64_t> host_;  // whose URLs are being counted
  HostStats current_;
  std::uint64_t timed_ = 0;
  std::int64_t total_ms_ = 0;
};

std::optional<std::int64_t> id_of_host(Db& db, std::string_view key) {
  Statement statement = db.prepare("SELECT id FROM host WHERE key=?1");
  Rows rows = statement.query(key);
  return rows.next() ? std::optional{rows.integer(0)} : std::nullopt;
}

void scan(Db& db, Tally& tally) {
  Statement all_urls = db.prepare(
      "SELECT host_id, seq, state, error, depth = 0 AND via_host IS NULL AND "
      "sitemap IS NULL AND coalesce(error, '') <> 'hsts' FROM url "
      "ORDER BY host_id, seq");
  Statement all_results = db.prepare(
      "SELECT host_id, seq, status, bytes_wire, bytes_body, total_ms, fetched_ms, truncated, "
      "note FROM "
      "result ORDER BY host_id, seq");
  Rows urls = all_urls.query(), results = all_results.query();
  const auto id_of = [](const Rows& rows) { return std::pair{rows.integer(0), rows.integer(1)}; };
  bool more = results.next();
  while (urls.next()) {
    const auto id = id_of(urls);
    const auto state = static_cast<crawl::UrlState>(urls.integer(2));
    tally.add_url(id.first, state, urls.text(3), urls.integer(4) != 0);
    for (; more && id_of(results) <= id; more = results.next()) tally.add_result(state, results);
  }
  tally.end(db);
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
  Tally tally{stats, hosts_max, id_of_host(db, "")};
  scan(db, tally);
  read_demoted(db, stats, hosts_max);
  stats.backing_off = hosts_backing_off(db, hosts_max);
  stats.recrawl = recrawl_stats(db, now);
  return stats;
}

crawl::StoreTotals last_totals(Db& db) {
  Statement statement =
      db.prepare("SELECT queued, fetched, failed, excluded, bytes_wire FROM progress");
  Rows rows = statement.query();
  if (!rows.next()) return {};
  const auto count = [&rows](int column) {
    return static_cast<std::uint64_t>(rows.integer(column));
  };
  return {.queued = count(0),
          .fetched = count(1),
          .failed = count(2),
          .excluded = count(3),
          .bytes_wire = count(4)};
}

std::map<int, std::uint64_t> missing_sitemaps(Db& db) {
  Statement statement = db.prepare(
      "SELECT r.status, count(*) FROM url u JOIN result r ON r.host_id = u.host_id AND "
      "r.seq = u.seq WHERE u.sitemap = 1 AND u.state = 1 AND r.status IN (404, 410) AND "
      "u.url LIKE '%/sitemap.xml' AND NOT EXISTS (SELECT 1 FROM robots b WHERE "
      "b.origin = substr(u.url, 1, length(u.url) - length('/sitemap.xml')) AND "
      "instr(replace(lower(CAST(b.body AS TEXT)), ' ', ''), 'sitemap:' || lower(u.url)) > 0) "
      "GROUP BY r.status");
  std::map<int, std::uint64_t> missing;
  for (Rows rows = statement.query(); rows.next();)
    missing.emplace(static_cast<int>(rows.integer(0)), count(rows, 1));
  return missing;
}

}  // namespace trawl::storage
