// The rounds over known URLs, a bounded piece at a time on the writer thread, between transactions.
#include "core/base/limits.hpp"
#include "core/crawl/committer.hpp"
#include "core/web/digest.hpp"
#include "core/web/host.hpp"
#include "core/web/url.hpp"

#include <boost/unordered/unordered_flat_set.hpp>

#include <utility>

namespace trawl::crawl {

coro::Task<bool> Committer::requeue_begun() {
  return writer_.run([this] { return !store_.meta(requeue_cursor_key).value_or("").empty(); });
}

coro::Task<bool> Committer::requeue(Again which) {
  return writer_.run([this, which] {
    const bool more = store_.requeue(which, limits::requeued_urls_max);
    take_totals();
    return more;
  });
}

coro::Task<> Committer::make_seeds(std::vector<std::uint64_t> fingerprints) {
  return writer_.run([this, prints = std::move(fingerprints)] {
    boost::unordered_flat_set<std::uint64_t, FingerprintHash> found;  // as something else
    for (const std::uint64_t print : prints)
      if (seen_.contains(print)) found.insert(print);
    store_.each_seed([&](const KnownSeed& seed) {
      const bool is_sitemap = seed.sitemap.value_or(0) > 0;  // which it stays
      const bool is_seed = !seed.sitemap && seed.redirect_chain.empty();
      if (is_seed || is_sitemap) found.erase(web::fingerprint(seed.url));
    });
    if (found.empty()) return;
    store_.make_seeds([&](std::uint64_t print) { return found.contains(print); });
    take_totals();
  });
}

coro::Task<std::vector<Published>> Committer::requeue_left_out(UrlId after) {
  return writer_.run([this, after] {
    std::vector<Published> published;
    for (QueuedUrl& url : store_.requeue_left_out(after, limits::requeued_urls_max)) {
      std::string host = web::host_key(*web::Url::parse(url.url));
      published.push_back({std::move(host), std::move(url), true});
    }
    take_totals();
    return published;
  });
}

coro::Task<std::vector<RefusedUrl>> Committer::refusals(UrlId after) {
  return writer_.run([this, after] { return store_.refusals(after, limits::requeued_urls_max); });
}

coro::Task<std::optional<UrlId>> Committer::requeue_outlinks(
    UrlId after, std::function<bool(std::string_view)> is_outlink) {
  return writer_.run([this, after, is_outlink = std::move(is_outlink)] {
    const auto last = store_.requeue_outlinks(after, limits::requeued_urls_max, is_outlink);
    take_totals();
    return last;
  });
}

coro::Task<bool> Committer::schedule_recrawl(RecrawlInterval interval) {
  return writer_.run(
      [this, interval] { return store_.schedule_recrawl(interval, limits::requeued_urls_max); });
}

coro::Task<bool> Committer::queue_due(Wall now) {
  return writer_.run([this, now] {
    const bool more = store_.queue_due(now, limits::requeued_urls_max);
    take_totals();
    return more;
  });
}

// In pieces, between which others have the writer.
coro::Task<> Committer::bring_forward(SitemapNews news, Millis least, Wall now) {
  const auto shared = std::make_shared<const SitemapNews>(std::move(news));
  std::optional<UrlId> after = UrlId{};
  while (after) {
    auto stepping = writer_.run([this, shared, at = *after, least, now] {
      return store_.bring_forward(*shared, at, least, now, limits::requeued_urls_max);
    });
    after = co_await std::move(stepping);
  }
}

}  // namespace trawl::crawl
