// In pieces, so that memory and transactions stay small.
#include "service/requeue.hpp"

#include "core/base/limits.hpp"

#include <algorithm>

namespace trawl::service {

Requeue::Requeue(const storage::OutputFolder& folder)
    : folder_(folder), store_(folder.open_store()) {}

std::uint64_t Requeue::add(std::span<const crawl::UrlId> urls) {
  std::uint64_t queued = 0;
  while (!urls.empty()) {
    const auto piece = urls.first(std::min(urls.size(), limits::requeued_urls_max));
    queued += store_->queue_whole(piece);
    urls = urls.subspan(piece.size());
    if (!log_in_use_) log_in_use_.emplace(folder_, store_.get());
  }
  return queued;
}

}  // namespace trawl::service
