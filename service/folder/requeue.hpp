#pragma once
// Requeue: URLs of an output folder that its next run is to fetch once more, and whole.

#include "core/crawl/state/record.hpp"
#include "storage/open.hpp"
#include "storage/sqlite/store.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace trawl::service {

class Requeue {
 public:
  // folder: is held, and outlives the object.
  explicit Requeue(const storage::OutputFolder& folder);

  // Of these those that were fetched or failed, by GET or HEAD, and those that are forgotten where
  // that is to be taken back; the rest stays as it is. Durable when it returns, how many there are.
  std::uint64_t add(std::span<const crawl::UrlId> urls, bool forgotten = false);
  storage::SqliteStore& store() { return *store_; }

 private:
  const storage::OutputFolder& folder_;
  std::unique_ptr<storage::SqliteStore> store_;
  std::optional<storage::OutputFolder::LogInUse> log_in_use_;  // once something is committed
};

// "2 URLs queued; the next run fetches what is queued (3 more are queued already, …)". others: that
// were to be queued and are not.
std::string queued_words(std::uint64_t queued, std::uint64_t others);

}  // namespace trawl::service
