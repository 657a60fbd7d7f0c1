#pragma once
// What the tables know of a URL, taken out of them again.

#include "core/crawl/state/record.hpp"
#include "storage/sqlite/db.hpp"

#include <optional>
#include <span>
#include <string>

namespace trawl::storage {

// The file in tmp/ of a body that broke off.
std::optional<std::string> part_of(Db& db, crawl::UrlId url);

// The URL alone stays, excluded as `forgotten`, so that no run fetches it by itself (of a list's
// request also its method and what tells it apart): result, history, request and part are gone.
// Counts. Inside a transaction of the caller's; may be done again.
void forget_urls(Db& db, std::span<const crawl::UrlId> urls);

// Of pages whose body was kept with one that is forgotten: their records name no archive any more,
// and what was fetched or failed is queued, to be asked for whole. Likewise.
void lose_bodies(Db& db, std::span<const crawl::UrlId> urls);

}  // namespace trawl::storage
