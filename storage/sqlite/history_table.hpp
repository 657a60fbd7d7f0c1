#pragma once
// The table url_history: what is known of pages that were fetched more than once, or will be.

#include "core/crawl/state/store.hpp"
#include "storage/sqlite/db.hpp"
#include "storage/sqlite/requeue.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace trawl::storage {

class HistoryTable {
 public:
  explicit HistoryTable(Db& db);

  // Inside a transaction.
  void write(crawl::UrlId id, const crawl::PageHistory& history);
  // Of a page that was fetched and has no row, what its result says.
  crawl::KnownHistory find(crawl::UrlId id);

 private:
  Statement upsert_;
  Statement select_;
};

// The URLs behind `after` up to and with `last`, as Store::schedule_recrawl(). Inside a
// transaction.
void schedule_recrawl(Db& db, crawl::UrlId after, crawl::UrlId last,
                      crawl::RecrawlInterval interval);

// As Store::bring_forward(). Inside a transaction.
std::optional<crawl::UrlId> bring_forward(Db& db, std::int64_t host, const crawl::SitemapNews& news,
                                          crawl::UrlId after, Millis least, Wall now,
                                          std::size_t max_urls);

// As Store::queue_due(). Inside a transaction of the caller's, who counts.
QueueStep queue_due(Db& db, Wall now, std::size_t max_urls);

// When the next page is to be fetched again; absent: never, or not by the last run's job. One look
// into an index, through any connection.
std::optional<Wall> next_due(Db& db);

struct RecrawlStats {
  std::uint64_t gone = 0;  // pages that are no longer there
  std::uint64_t due = 0;   // by now
  std::optional<Wall> next;
};
RecrawlStats recrawl_stats(Db& db, Wall now);

// By URL, for explanations; absent when it was never fetched.
std::optional<crawl::PageHistory> stored_history(Db& db, crawl::UrlId id);

}  // namespace trawl::storage
