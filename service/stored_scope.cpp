// As the crawler makes it when it begins, from what is stored.
#include "service/stored_scope.hpp"

#include "core/crawl/admission.hpp"
#include "core/web/digest.hpp"
#include "storage/sqlite/url_facts.hpp"

#include <string_view>
#include <utility>

namespace trawl::service {

std::optional<crawl::Scope> stored_scope(storage::Db& db, const crawl::JobSpec& job,
                                         const crawl::ScopeSpec& rules, Wall now) {
  auto scope = crawl::Scope::create(rules);
  const auto admission = crawl::Admission::create(job, now);
  if (!scope || !admission) return std::nullopt;
  if (job.scope.mode == crawl::ScopeMode::any) return std::move(*scope);
  const auto add = [&](std::string_view text) {
    if (const auto parsed = web::Url::parse(text); parsed && parsed->is_http())
      if (const auto canonical = (*admission)->canonical(*parsed)) scope->add_seed(*canonical);
  };
  for (const std::string& url : job.seeds.urls) add(url);
  const crawl::NamedSeeds seeds = stored_seeds(db);
  storage::each_seed(db, [&](const crawl::KnownSeed& seed) {
    if (!(*admission)->defines_scope(seed.sitemap)) return;
    if (seeds.is_former(web::fingerprint(seed.url), seed.redirect_chain)) return;
    add(seed.url);
    add(seed.redirect_to);
  });
  return std::move(*scope);
}

crawl::NamedSeeds stored_seeds(storage::Db& db) {
  const auto text = [&db](const char* key) { return storage::stored_meta(db, key).value_or(""); };
  auto seeds = crawl::NamedSeeds::parse(text(crawl::NamedSeeds::named_key),
                                        text(crawl::NamedSeeds::former_key));
  crawl::EndedRedirects ended;
  storage::each_seed(db, [&](const crawl::KnownSeed& seed) { ended.note_target(seed); });
  if (ended.has_targets())
    storage::each_seed(db, [&](const crawl::KnownSeed& seed) { ended.note_hop(seed); });
  seeds.end_redirects(ended.take());
  return seeds;
}

}  // namespace trawl::service
