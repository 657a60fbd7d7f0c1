// In pieces, so that memory and transactions stay small.
#include "service/folder/requeue.hpp"

#include "core/base/limits.hpp"
#include "service/text/progress.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trawl::service {

Requeue::Requeue(const storage::OutputFolder& folder)
    : folder_(folder), store_(folder.open_store()) {}

std::uint64_t Requeue::add(std::span<const crawl::UrlId> urls, bool forgotten) {
  std::uint64_t queued = 0;
  while (!urls.empty()) {
    const auto piece = urls.first(std::min(urls.size(), limits::requeued_urls_max));
    queued += store_->queue_whole(piece, forgotten);
    urls = urls.subspan(piece.size());
    if (!log_in_use_) log_in_use_.emplace(folder_, store_.get());
  }
  return queued;
}

std::string queued_words(std::uint64_t queued, std::uint64_t others) {
  std::string text =
      fmt::format("{} queued; the next run fetches what is queued", counted(queued, "URL"));
  if (others > 0)
    text += fmt::format(
        " ({} more {} queued already, excluded, asked for by a POST and the like, or forgotten: "
        "--error forgotten queues those)",
        grouped(others), others == 1 ? "is" : "are");
  return text;
}

}  // namespace trawl::service
