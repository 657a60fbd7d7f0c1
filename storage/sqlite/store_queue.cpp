// What is queued, and in which lanes: a host's URLs of one priority are one range of the table.
#include "storage/sqlite/row.hpp"
#include "storage/sqlite/store.hpp"

#include <charconv>
#include <string>

namespace trawl::storage {
namespace {

using crawl::UrlId;

constexpr int hops_max = 128;               // more than fetch.max_redirects can be
constexpr const char* lanes_key = "lanes";  // of `meta`

}  // namespace

std::vector<crawl::QueuedUrl> SqliteStore::queued(std::int64_t host, std::int64_t after_seq,
                                                  std::size_t max_urls) {
  std::vector<crawl::QueuedUrl> urls;
  Rows rows = select_queued_.query(host, after_seq, max_urls,
                                   crawl::before_lane(crawl::lane_behind(after_seq) + 1));
  while (rows.next()) {
    const crawl::UrlId id{host, rows.integer(0)};
    urls.push_back(
        {.id = id,
         .url = std::string{rows.text(1)},
         .depth = static_cast<int>(rows.integer(2)),
         .attempts = static_cast<int>(rows.integer(3)),
         .due_ms = rows.integer(4),
         .redirect_chain = chain_from_blob(rows.blob(5)),
         .sitemap = rows.null(6) ? crawl::SitemapRole{} : static_cast<int>(rows.integer(6)),
         .fetched_before = rows.integer(7) != 0,
         .request = requests_.any() ? requests_.find(id) : nullptr});
  }
  return urls;
}

// From row to row by what led to each.
std::optional<crawl::QueuedUrl> SqliteStore::redirecting(UrlId from, std::uint64_t fingerprint) {
  for (int hops = 0; hops <= hops_max; ++hops) {
    Rows rows = select_redirecting_.query(from.host, from.seq);
    if (!rows.next()) return std::nullopt;
    crawl::QueuedUrl url{.id = from,
                         .url = std::string{rows.text(0)},
                         .depth = static_cast<int>(rows.integer(2)),
                         .attempts = static_cast<int>(rows.integer(3)),
                         .fetched_before = true,
                         .request = requests_.any() ? requests_.find(from) : nullptr};
    if (hops > 0 && url.fingerprint() == fingerprint) {
      if (static_cast<crawl::UrlState>(rows.integer(1)) != crawl::UrlState::fetched)
        return std::nullopt;
      if (!rows.null(4)) url.sitemap = static_cast<int>(rows.integer(4));
      return url;
    }
    if (rows.null(5)) return std::nullopt;
    from = {rows.integer(5), rows.integer(6)};
  }
  return std::nullopt;
}

std::vector<std::int64_t> SqliteStore::hosts_with_queue() {
  std::vector<std::int64_t> hosts;
  if (progress_.totals.queued == 0) return hosts;
  Statement statement = db_.prepare(
      "SELECT id FROM host WHERE EXISTS(SELECT 1 FROM url WHERE host_id = host.id AND "
      "state = 0) ORDER BY id");
  Rows rows = statement.query();
  while (rows.next()) hosts.push_back(rows.integer(0));
  return hosts;
}

// So a start knows where to look, without a look at all hosts.
crawl::LaneSet SqliteStore::write_lanes(const std::vector<UrlId>& ids) {
  crawl::LaneSet lanes = lanes_;
  for (const UrlId id : ids)
    if (const int lane = crawl::lane_of(id.seq); lane != 0) lanes |= crawl::LaneSet{1} << lane;
  if (lanes != lanes_)
    upsert_meta_.run(std::string_view{lanes_key}, std::string_view{std::to_string(lanes)});
  return lanes;
}

crawl::LaneSet SqliteStore::read_lanes() {
  crawl::LaneSet lanes = 0;
  const std::string text = meta(lanes_key).value_or("");
  std::from_chars(text.data(), text.data() + text.size(), lanes);
  return lanes;
}

}  // namespace trawl::storage
