#pragma once
// A round over all URLs that queues again what was fetched or failed before, a bounded piece at a
// time.

#include "core/crawl/state/record.hpp"
#include "core/crawl/state/store.hpp"
#include "storage/sqlite/db.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace trawl::storage {

// A piece of what queues known URLs.
struct QueueStep {
  std::uint64_t fetched = 0, failed = 0, excluded = 0;  // that were so before
  bool more = false;
};

// The last of the next max_urls URLs behind `after`; of the highest numbers there are when there
// are no more.
crawl::UrlId last_of(Db& db, crawl::UrlId after, std::size_t max_urls);

// As crawl::Store::refusals().
std::vector<crawl::RefusedUrl> refusals(Db& db, crawl::UrlId after, std::size_t max_urls);

// The next max_urls URLs that have crawl::outlink_note, as crawl::Store::requeue_outlinks().
std::optional<crawl::UrlId> each_outlink(
    Db& db, crawl::UrlId after, std::size_t max_urls,
    const std::function<void(crawl::UrlId, std::string_view url)>& visit);

// The next max_urls URLs. Inside a transaction of the caller's, who counts.
QueueStep requeue(Db& db, crawl::Again which, std::size_t max_urls);

// As crawl::Store::requeue_left_out(). Inside a transaction of the caller's, who counts.
std::vector<crawl::QueuedUrl> requeue_left_out(Db& db, crawl::UrlId after, std::size_t max_urls);

// Of these URLs those that were fetched or failed, by GET or HEAD; forgotten: also those that are.
// Their validators go, so that the page is asked for whole, whatever the server says of changes.
// Inside a transaction of the caller's, who counts.
QueueStep queue_whole(Db& db, std::span<const crawl::UrlId> ids, bool forgotten = false);

}  // namespace trawl::storage
