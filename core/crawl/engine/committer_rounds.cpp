// The rounds over known URLs, a bounded piece at a time on the writer thread, between transactions.
#include "core/base/limits.hpp"
#include "core/coro/time.hpp"
#include "core/crawl/engine/committer.hpp"
#include "core/crawl/engine/disk_room.hpp"
#include "core/crawl/job/rules_digest.hpp"
#include "core/crawl/scope/known_hops.hpp"
#include "core/web/digest.hpp"
#include "core/web/url/host.hpp"
#include "core/web/url/url.hpp"

#include <utility>

namespace trawl::crawl {
namespace {

// In a run, so that no server keeps it from its end.
constexpr int hop_made_max = 3;

std::vector<Published> published_again(std::vector<QueuedUrl> urls) {
  std::vector<Published> published;
  published.reserve(urls.size());
  for (QueuedUrl& url : urls) {
    std::string host = web::host_key(*web::Url::parse(url.url));
    published.push_back({std::move(host), std::move(url), true});
  }
  return published;
}

}  // namespace

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

coro::Task<> Committer::make_seeds(std::vector<std::uint64_t> fingerprints, Meta meta) {
  return writer_.run([this, prints = std::move(fingerprints), meta = std::move(meta)] {
    SeedRoles roles;  // of what is known as something else
    for (const std::uint64_t print : prints)
      if (seen_.contains(print)) roles.try_emplace(print);
    store_.each_seed([&](const KnownSeed& seed) {
      const bool is_sitemap = seed.sitemap.value_or(0) > 0;  // which it stays
      const bool is_seed = !seed.sitemap && seed.redirect_chain.empty();
      if (is_seed || is_sitemap) roles.erase(web::fingerprint(seed.url));
    });
    if (roles.empty()) return;
    store_.make_seeds(roles, meta);
    take_totals();
  });
}

coro::Task<Committer::Hops> Committer::make_hops(HopRules rules) {
  return writer_.run([this, rules = std::move(rules)] {
    const SeedRoles roles = known_hops(rules);
    if (roles.empty()) return Hops{};
    // What was refused is to be judged by where they lead, if need be by a later run.
    MadeSeeds made = store_.make_seeds(roles, {{rules_key, ""}});
    for (const auto& [print, role] : roles)
      if (++hops_made_[print] == hop_made_max) tired_hops_.insert(print);
    take_totals();
    return Hops{made.made, made.admit, published_again(std::move(made.queued))};
  });
}

// What is queued says in this run where it leads now.
SeedRoles Committer::known_hops(const HopRules& rules) {
  KnownHops hops{tired_hops_};
  const auto leads_to = [&](const KnownSeed& seed) {
    return seed.queued ? std::nullopt : rules.leads_to(seed);
  };
  store_.each_seed([&](const KnownSeed& seed) {
    const auto to = leads_to(seed);
    if (to && (seen_.contains(*to) || refused_.find(*to))) hops.note_redirect(seed, *to);
  });
  if (!hops.any()) return {};
  store_.each_seed([&](const KnownSeed& seed) { hops.note_row(seed, rules.is_seed(seed)); });
  hops.begin_offers();
  store_.each_seed([&](const KnownSeed& seed) {
    const auto to = leads_to(seed);
    if (to && hops.wants(*to) && rules.may_lead(seed, hops.wants_link(*to))) hops.offer(seed, *to);
  });
  return hops.take(limits::requeued_urls_max);
}

coro::Task<std::vector<Published>> Committer::requeue_left_out(UrlId after) {
  return writer_.run([this, after] {
    auto urls = store_.requeue_left_out(after, limits::requeued_urls_max);
    take_totals();
    return published_again(std::move(urls));
  });
}

// What was refused at its turn is known, since it was queued: it is admitted in place of its row,
// until the next piece is read. Only what an earlier run had queued, so that nothing is refused and
// judged anew for ever.
coro::Task<std::vector<RefusedUrl>> Committer::refusals(UrlId after) {
  return writer_.run([this, after] {
    auto refused = store_.refusals(after, limits::requeued_urls_max);
    left_out_.clear();
    for (const auto& [url, via] : refused) {
      if (place_of(*url.replaces) > last_before_) continue;
      const auto print = request_fingerprint(url.url, url.request.get());
      if (seen_.contains(print)) left_out_.insert_or_assign(print, *url.replaces);
    }
    return refused;
  });
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
  Piece piece{.after = UrlId{}};
  for (int tries = 0; piece.after;) {
    auto stepping = writer_.run([this, shared, at = *piece.after, least, now, again = tries > 0] {
      return bring_some_forward(*shared, at, least, now, again);
    });
    piece = co_await std::move(stepping);
    tries = piece.no_room ? tries + 1 : 0;
    if (piece.no_room) co_await coro::sleep_for(room_retry_delay(tries, retry_first_));
  }
}

// While a batch waits for room as well, it is the batch that says when there is some.
Committer::Piece Committer::bring_some_forward(const SitemapNews& news, UrlId after, Millis least,
                                               Wall now, bool again) {
  try {
    const Piece piece{.after =
                          store_.bring_forward(news, after, least, now, limits::requeued_urls_max)};
    if (again && !batch_ && on_stall_) on_stall_(std::nullopt);
    return piece;
  } catch (const Failure& failure) {
    if (failure.code() != Errc::disk_full) throw;
    if (!again && on_stall_) on_stall_(failure.error());
    return {.after = after, .no_room = true};
  }
}

}  // namespace trawl::crawl
