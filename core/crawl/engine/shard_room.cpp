// A body that finds no room on the disk. Nothing is wrong with its URL, nor with the next one, so
// the job waits for room instead of failing them all.
#include "core/crawl/engine/shard.hpp"
#include "core/web/digest.hpp"

#include <algorithm>
#include <utility>

namespace trawl::crawl {

// What may have been acted on is not sent again for want of room: that is its error, and those
// behind it wait until there is as much.
void Shard::note_no_room(Visit& visit, const Error& why, std::uint64_t came) {
  if (is_idempotent(visit.leased.url.method())) {
    visit.no_room = why;
    return;
  }
  context_.control.lack_room(visit.body ? visit.body->bytes() : came, why);
  visit.response.reset();
  visit.body.reset();
  visit.error = why;
}

// What is saved of a body that found no room is continued when there is some.
coro::Task<> Shard::keep_for_later(Visit& visit, Download& download) {
  if (download.saver && download.saver->saving) {
    auto saved = download.saver->idle.wait();
    co_await std::move(saved);
  }
  const bool longer =
      download.sink && (!visit.body || download.sink->bytes() > visit.body->bytes());
  if (longer) visit.body = std::move(download.sink);
  const std::int64_t seq = visit.leased.url.id.seq;
  if (download.saver && download.saver->saved)
    parts_.insert_or_assign(seq, *download.saver->part);
  else if (download.part)
    parts_.insert_or_assign(seq, download.part->part);
  else if (download.saver && download.saver->begun)
    remove_part({.file = download.saver->path.filename().string()});  // nothing of it is durable
}

// A body that finds no room goes, which makes some; its URL waits for more, and the job with it.
// Nothing is committed, since the store still has the URL as it was.
void Shard::put_back(Visit& visit) {
  visit.response.reset();
  // Its origin's sitemaps were found on the way, and are to be found again.
  if (!visit.found.empty()) sitemap_origins_.erase(web::fingerprint(visit.url.origin()));
  const auto kept = parts_.find(visit.leased.url.id.seq);
  const std::uint64_t saved = kept == parts_.end() ? 0 : kept->second.bytes;
  const std::uint64_t came = visit.body ? visit.body->bytes() : 0;
  frontier_.retry(visit.leased.url, Mono::min());
  release(visit);
  context_.control.lack_room(came - std::min(came, saved), *visit.no_room);
}

}  // namespace trawl::crawl
