// What a run begins with, and what is brought to it later: both are admitted as seeds, committed
// in batches, and handed to the shards of their hosts. Those of earlier runs are in the store.
#include "core/base/limits.hpp"
#include "core/base/log.hpp"
#include "core/crawl/engine/crawler.hpp"
#include "core/crawl/job/checksum_line.hpp"
#include "core/crawl/job/rules_digest.hpp"
#include "core/crawl/job/url_text.hpp"
#include "core/crawl/scope/former_seeds.hpp"
#include "core/web/digest.hpp"
#include "core/web/url/url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace trawl::crawl {
namespace {

NewUrl bad_seed(const Seed& seed, const Error& error) {
  const std::string where = seed.is_sitemap     ? "seeds.sitemaps"
                            : seed.file.empty() ? "seeds.urls"
                                                : fmt::format("{}:{}", seed.file, seed.line);
  const std::string_view what = seed.is_json() ? "can't be fetched" : "is no URL to fetch";
  const std::string text =
      line_shown(seed.is_json() ? line_excerpt(seed.text, where) : std::string_view{seed.text});
  const std::string why = printable(error.detail);
  log("seeds")->warn("{}: {} {}: {}", printable(where), text, what, why);
  return {
      .url = text, .excluded = Errc::bad_url, .excluded_detail = fmt::format("{}: {}", where, why)};
}

// "/sitemap.xml" of the seeds' origins, of each once. Its visit also asks robots.txt for others.
class SitemapGuesses {
 public:
  std::optional<NewUrl> next(const NewUrl& seed, Admission& admission) {
    const auto url = web::Url::parse(seed.url);
    if (!url || !origins_.insert(web::fingerprint(url->origin())).second) return std::nullopt;
    auto guess = admission.sitemap_seed(url->origin() + "/sitemap.xml");
    return guess ? std::optional{std::move(*guess)} : std::nullopt;
  }

 private:
  std::unordered_set<std::uint64_t> origins_;  // fingerprints
};

std::optional<std::uint64_t> canonical_print(const Admission& admission, std::string_view text) {
  const auto url = web::Url::parse(text);
  const auto canonical = url ? admission.canonical(*url) : url;
  return canonical ? std::optional{web::fingerprint(canonical->href())} : std::nullopt;
}

std::vector<std::uint64_t> prints_of(const std::vector<std::string>& urls,
                                     const Admission& admission) {
  std::vector<std::uint64_t> prints;
  for (const std::string& text : urls)
    if (const auto print = canonical_print(admission, text)) prints.push_back(*print);
  return prints;
}

}  // namespace

// Before anything is fetched: what is left of an earlier run finds links at once, long before the
// seeds are read again, and what a seed redirected to is not fetched again at all.
coro::Task<> Crawler::restore_scope() {
  if (parts_.job.mode == JobMode::fetch) co_return;
  auto reading = committer_.meta(outlinks_key);
  if (co_await std::move(reading)) admission_->note_earlier_outlinks();
  auto restoring_seeds = restore_seeds();
  co_await std::move(restoring_seeds);
  for (const std::string& url : parts_.job.seeds.urls) static_cast<void>(admission_->seed(url));
  std::unordered_set<std::uint64_t> left, kept;  // origins, where there are former seeds
  auto restoring = committer_.each_seed([&](const KnownSeed& seed) {
    const bool former = admission_->is_former_seed(seed);
    if (!former && !admission_->defines_scope(seed.sitemap)) return;
    const auto url = web::Url::parse(seed.url);
    if (!url || !url->is_http()) return;
    if (admission_->has_former_seeds())
      (former ? left : kept).insert(web::fingerprint(url->origin()));
    if (!admission_->widens(seed)) return;
    if (const auto canonical = admission_->canonical(*url)) admission_->widen(*canonical);
    if (const auto target = admission_->leads_to(seed)) admission_->widen(*target);
  });
  co_await std::move(restoring);
  for (const std::uint64_t origin : kept) left.erase(origin);
  admission_->leave_origins({left.begin(), left.end()});
  for (std::size_t made = 1, all = 0; made > 0 && stops_ == 0;) {
    auto making = make_some_hops();
    const Committer::Hops hops = co_await std::move(making);
    made = hops.made;
    all += made;
    if (hops.admit) seeds_return_ = true;
    if (made >= limits::requeued_urls_max)  // which takes seconds in a large folder
      log("crawl")->info("seeds redirect another way than before: {} URLs noted so far", all);
  }
}

// Those that the job names no more have no say in the scope. What is found out here is kept once
// all that was excluded has been judged by it.
coro::Task<> Crawler::restore_seeds() {
  std::map<std::string, std::string> texts;
  for (const char* key : FormerSeeds::keys) {
    auto reading = committer_.meta(key);
    texts[key] = (co_await std::move(reading)).value_or("");
  }
  auto seeds = FormerSeeds::parse(texts);
  const SeedSpec& spec = parts_.job.seeds;
  std::vector<std::uint64_t> now = prints_of(spec.urls, *admission_);
  // Also one that was named before may have been found as a link first.
  auto named = seeds.named();
  named.add(now);
  auto making = committer_.make_seeds(now, {{NamedSeeds::named_key, named.named_text()}});
  co_await std::move(making);
  std::ranges::copy(prints_of(spec.sitemaps.urls, *admission_), std::back_inserter(now));
  const bool has_list = !spec.files.empty();  // which may name anything that is known
  seeds_return_ = seeds.named().begin(now, parts_.adds_seeds || has_list);
  auto noting = committer_.each_seed([&](const KnownSeed& seed) {
    if (!has_list) seeds.note_target(seed);
    if (!seeds.named().has_former()) return;
    if (const auto print = canonical_print(*admission_, seed.url))
      seeds.named().note_spelling(web::fingerprint(seed.url), *print);
  });
  co_await std::move(noting);
  if (!has_list && seeds.needs_hops()) {
    auto looking = committer_.each_seed([&](const KnownSeed& seed) {
      const auto url = web::Url::parse(seed.url);
      seeds.note_hop(seed, {.url = canonical_print(*admission_, seed.url),
                            .redirect_to = canonical_print(*admission_, seed.redirect_to),
                            .excluded = !seed.sitemap && url && !admission_->takes_hop(*url)});
    });
    co_await std::move(looking);
  }
  if (seeds.settle()) seeds_return_ = true;
  for (auto& [key, text] : seeds.texts())
    if (text != texts[key]) changed_seeds_[key] = text;
  admission_->set_seeds(std::move(seeds));
}

// Reading and admitting are two tasks, so that a list that trickles in is admitted line by line,
// and one that comes at once in batches as large as the store is slow.
coro::Task<> Crawler::feed_seeds() {
  coro::Channel<NewUrl> seeds{limits::seed_batch_urls};
  auto feeding = coro::with_group(&Crawler::feed_through, this, std::ref(seeds));
  co_await std::move(feeding);
  seeding_ = false;
  control_.sources().close();
  if (committer_.urls_queued() == 0) control_.on_queue_empty();
}

coro::Task<> Crawler::feed_through(coro::Channel<NewUrl>& seeds, coro::Group& group) {
  group.spawn(read_seeds_into(seeds));
  group.spawn(admit_all(seeds));
  co_return;
}

coro::Task<> Crawler::read_seeds_into(coro::Channel<NewUrl>& seeds) {
  coro::Worker reading{"seeds", 4};
  auto source = read_seeds(reading, parts_.job.seeds);
  const bool guessing = parts_.job.seeds.sitemaps.mode == SitemapMode::automatic;
  SitemapGuesses guesses;
  while (!control_.stopping()) {
    auto next = source.next();
    const auto seed = co_await std::move(next);
    if (!seed) break;
    auto url = admit_seed(*seed);
    auto guess = url && guessing ? guesses.next(*url, *admission_) : std::nullopt;
    auto sending = seeds.send(url ? std::move(*url) : bad_seed(*seed, url.error()));
    co_await std::move(sending);
    if (!guess) continue;
    auto sending_guess = seeds.send(std::move(*guess));
    co_await std::move(sending_guess);
  }
  seeds.close();
}

Result<NewUrl> Crawler::admit_seed(const Seed& seed) {
  if (seed.is_sitemap) return admission_->sitemap_seed(seed.text);
  // A URL parser drops tabs, and the next column would be the end of the URL.
  if (!seed.is_json() && seed.text.contains('\t'))
    return fail(Errc::bad_url, "a tab within the line; write one URL a line, or a JSON object");
  if (!seed.is_json() && parse_checksum_line(seed.text))
    return fail(Errc::bad_url,
                "a line of checksums; say where its files are by seeds.base (fetch --base URL)");
  if (!seed.is_json()) return admission_->seed(std::string_view{seed.text});
  if (parts_.job.mode != JobMode::fetch)
    return fail(Errc::bad_url,
                "lines in JSON, checksums and Metalink documents are for job.mode = \"fetch\"");
  auto line = parse_list_line(seed.text);
  if (!line) return std::unexpected(line.error());
  return admission_->seed(std::move(*line));
}

// One after the other: each is committed before the next is looked at, so the line is what bounds
// them.
coro::Task<> Crawler::take_pushes(coro::Group& group) {
  for (;;) {
    auto waiting = pushes_->line().next();
    auto push = co_await std::move(waiting);
    if (!push) break;
    auto admitting = admit_pushed(std::exchange(push->urls, {}));
    push->answer(co_await std::move(admitting));
    push.reset();
    if (committer_.urls_queued() == 0) control_.on_queue_empty();
  }
  group.cancel();  // the watch, and seeds that nobody would fetch any more
}

coro::Task<Pushed> Crawler::admit_pushed(std::vector<std::string> urls) {
  Pushed pushed;
  Commit commit;
  for (std::size_t i = 0; i < urls.size(); ++i) {
    const Seed seed{.text = std::move(urls[i]), .file = "pushed", .line = i + 1};
    auto url = admit_seed(seed);
    if (!url) ++pushed.invalid;
    commit.admitted.push_back(url ? std::move(*url) : bad_seed(seed, url.error()));
    if (commit.admitted.size() < limits::seed_batch_urls && i + 1 < urls.size()) continue;
    note_wider(commit);
    auto committing = committer_.commit(std::exchange(commit, {}));
    auto published = co_await std::move(committing);
    pushed.added += published.size();
    auto publishing = publish(std::move(published));
    co_await std::move(publishing);
  }
  pushed.known = urls.size() - pushed.added - pushed.invalid;
  co_return pushed;
}

// The seeds of a commit may have come after the refusal of what they stand for. What was excluded
// beside a seed that was none for a while is the next run's to judge.
void Crawler::note_wider(Commit& commit) {
  commit.meta = admission_->take_changed_seeds();
  if (!commit.meta.empty()) commit.meta[rules_key] = "";
  if (!admission_->take_widened()) return;
  control_.note_wider();
  commit.meta.insert_or_assign(rules_key, "");
}

coro::Task<> Crawler::admit_all(coro::Channel<NewUrl>& seeds) {
  for (;;) {
    auto waiting = seeds.next();
    auto next = co_await std::move(waiting);
    if (!next) co_return;
    Commit commit;
    for (; next; next = seeds.try_next()) commit.admitted.push_back(std::move(*next));
    note_wider(commit);
    auto committing = committer_.commit(std::move(commit));
    auto published = co_await std::move(committing);
    auto publishing = publish(std::move(published));
    co_await std::move(publishing);
  }
}

}  // namespace trawl::crawl
