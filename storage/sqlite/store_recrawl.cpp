// The rounds over known URLs: each call is one piece of bounded size, in a transaction of its own.
#include "storage/sqlite/history_table.hpp"
#include "storage/sqlite/new_seeds.hpp"
#include "storage/sqlite/requeue.hpp"
#include "storage/sqlite/store.hpp"

#include <fmt/format.h>

#include <limits>

namespace trawl::storage {

template <class Step>
bool SqliteStore::run_step(Step&& step) {
  return guarded([&] {
    db_.checkpoint(checkpoint_wal_pages);
    Progress progress = progress_;
    Transaction transaction{db_, Access::write};
    const QueueStep done = step();
    progress.totals.fetched -= done.fetched;
    progress.totals.failed -= done.failed;
    progress.totals.excluded -= done.excluded;
    progress.totals.queued += done.fetched + done.failed + done.excluded;
    write_progress(progress);
    transaction.commit();
    progress_ = progress;
    return done.more;
  });
}

std::uint64_t SqliteStore::bytes_of_done() {
  return guarded([&] {
    return static_cast<std::uint64_t>(
        db_.integer("SELECT sum(r.bytes_wire) FROM result r JOIN url u ON u.host_id = r.host_id "
                    "AND u.seq = r.seq WHERE u.state IN (1, 2)"));
  });
}

bool SqliteStore::requeue(crawl::Again which, std::size_t max_urls) {
  return run_step([&] { return storage::requeue(db_, which, max_urls); });
}

std::vector<crawl::QueuedUrl> SqliteStore::requeue_left_out(crawl::UrlId after,
                                                            std::size_t max_urls) {
  std::vector<crawl::QueuedUrl> urls;
  run_step([&] {
    urls = storage::requeue_left_out(db_, after, max_urls);
    return QueueStep{.excluded = urls.size()};
  });
  return urls;
}

crawl::MadeSeeds SqliteStore::make_seeds(const crawl::SeedRoles& roles,
                                         const std::map<std::string, std::string>& meta) {
  crawl::MadeSeeds made;
  run_step([&] {
    const QueueStep step = storage::make_seeds(db_, roles, made);
    if (made.admit)
      for (const auto& [key, value] : meta)
        upsert_meta_.run(std::string_view{key}, std::string_view{value});
    return step;
  });
  return made;
}

std::uint64_t SqliteStore::queue_whole(std::span<const crawl::UrlId> ids, bool forgotten) {
  std::uint64_t queued = 0;
  run_step([&] {
    const QueueStep step = storage::queue_whole(db_, ids, forgotten);
    queued = step.fetched + step.failed + step.excluded;
    return step;
  });
  return queued;
}

std::optional<crawl::UrlId> SqliteStore::requeue_outlinks(
    crawl::UrlId after, std::size_t max_urls,
    const std::function<bool(std::string_view)>& is_outlink) {
  std::vector<crawl::UrlId> inside;
  const auto last = each_outlink(db_, after, max_urls, [&](crawl::UrlId id, std::string_view url) {
    if (!is_outlink(url)) inside.push_back(id);
  });
  if (!inside.empty()) queue_whole(inside);
  return last;
}

std::vector<crawl::RefusedUrl> SqliteStore::refusals(crawl::UrlId after, std::size_t max_urls) {
  return storage::refusals(db_, after, max_urls);
}

bool SqliteStore::queue_due(Wall now, std::size_t max_urls) {
  return run_step([&] { return storage::queue_due(db_, now, max_urls); });
}

crawl::KnownHistory SqliteStore::history(crawl::UrlId id) {
  return history_.find(id);
}

// Once done for an interval, every later outcome brings a time of its own.
bool SqliteStore::schedule_recrawl(crawl::RecrawlInterval interval, std::size_t max_urls) {
  const std::string done = fmt::format("{} {}", interval.min.count(), interval.max.count());
  if (meta(crawl::recrawl_interval_key) == done) return false;
  return guarded([&] {
    db_.checkpoint(checkpoint_wal_pages);
    Transaction transaction{db_, Access::write};
    const crawl::UrlId last = last_of(db_, scheduled_, max_urls);
    storage::schedule_recrawl(db_, scheduled_, last, interval);
    const bool more = last.seq != std::numeric_limits<std::int64_t>::max();
    if (!more)
      upsert_meta_.run(std::string_view{crawl::recrawl_interval_key}, std::string_view{done});
    transaction.commit();
    scheduled_ = more ? last : crawl::UrlId{};
    return more;
  });
}

std::optional<crawl::UrlId> SqliteStore::bring_forward(const crawl::SitemapNews& news,
                                                       crawl::UrlId after, Millis least, Wall now,
                                                       std::size_t max_urls) {
  return guarded([&]() -> std::optional<crawl::UrlId> {
    const auto host = hosts_.find(news.host);
    if (!host) return std::nullopt;
    db_.checkpoint(checkpoint_wal_pages);
    Transaction transaction{db_, Access::write};
    const auto last = storage::bring_forward(db_, *host, news, after, least, now, max_urls);
    transaction.commit();
    return last;
  });
}

}  // namespace trawl::storage
