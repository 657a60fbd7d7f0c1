// As the crawler makes it when it begins, from what is stored.
#include "service/explain/stored_scope.hpp"

#include "core/crawl/scope/admission.hpp"
#include "core/web/digest.hpp"
#include "storage/sqlite/url_facts.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace trawl::service {
namespace {

std::optional<web::Url> canonical_of(const crawl::Admission& admission, std::string_view text) {
  const auto parsed = web::Url::parse(text);
  if (!parsed || !parsed->is_http()) return std::nullopt;
  auto canonical = admission.canonical(*parsed);
  return canonical ? std::optional{std::move(*canonical)} : std::nullopt;
}

crawl::FormerSeeds former_seeds(storage::Db& db, const crawl::JobSpec& job,
                                const crawl::Admission& admission) {
  std::map<std::string, std::string> texts;
  for (const char* key : crawl::FormerSeeds::keys)
    texts[key] = storage::stored_meta(db, key).value_or("");
  auto seeds = crawl::FormerSeeds::parse(texts);
  if (job.seeds.files.empty())
    storage::each_seed(db, [&](const crawl::KnownSeed& seed) { seeds.note_target(seed); });
  const auto print_of = [&](std::string_view text) -> std::optional<std::uint64_t> {
    const auto url = canonical_of(admission, text);
    return url ? std::optional{web::fingerprint(url->href())} : std::nullopt;
  };
  if (job.seeds.files.empty() && seeds.needs_hops())
    storage::each_seed(db, [&](const crawl::KnownSeed& seed) {
      const auto url = web::Url::parse(seed.url);
      seeds.note_hop(seed, {.url = print_of(seed.url),
                            .redirect_to = print_of(seed.redirect_to),
                            .excluded = !seed.sitemap && url && !admission.takes_hop(*url)});
    });
  static_cast<void>(seeds.settle());
  return seeds;
}

}  // namespace

std::optional<crawl::Scope> stored_scope(storage::Db& db, const crawl::JobSpec& job,
                                         const crawl::ScopeSpec& rules, Wall now) {
  auto scope = crawl::Scope::create(rules);
  const auto admission = crawl::Admission::create(job, now);
  if (!scope || !admission) return std::nullopt;
  if (job.scope.mode == crawl::ScopeMode::any) return std::move(*scope);
  const auto add = [&](std::string_view text) {
    if (const auto url = canonical_of(**admission, text)) scope->add_seed(*url);
  };
  for (const std::string& url : job.seeds.urls) add(url);
  (*admission)->set_seeds(former_seeds(db, job, **admission));
  storage::each_seed(db, [&](const crawl::KnownSeed& seed) {
    if (!(*admission)->widens(seed)) return;
    add(seed.url);
    if (const auto target = (*admission)->leads_to(seed)) scope->add_seed(*target);
  });
  return std::move(*scope);
}

crawl::FormerSeeds stored_seeds(storage::Db& db, const crawl::JobSpec& job, Wall now) {
  const auto admission = crawl::Admission::create(job, now);
  return admission ? former_seeds(db, job, **admission) : crawl::FormerSeeds{};
}

}  // namespace trawl::service
