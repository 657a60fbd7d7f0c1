// What the seeds of a folder are to a run: which ones define the scope, where they lead, and which
// ones are none any more.
#include "core/crawl/scope/admission.hpp"
#include "core/web/digest.hpp"
#include "core/web/url/host.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace trawl::crawl {

bool Admission::defines_scope(SitemapRole sitemap) const {
  const SeedSpec& seeds = job_.seeds;
  return !sitemap ||
         (sitemap == 1 && seeds.urls.empty() && seeds.files.empty() && seeds.requests.empty());
}

bool Admission::has_former_seeds() const {
  const std::shared_lock lock{mutex_};
  return seeds_ && seeds_->any();
}

bool Admission::is_former_seed(const KnownSeed& seed) const {
  const std::shared_lock lock{mutex_};
  return seeds_ && seeds_->has(web::fingerprint(seed.url));
}

bool Admission::is_former_seed(const QueuedUrl& url) const {
  const std::shared_lock lock{mutex_};
  return is_former(url);
}

// The mutex held.
bool Admission::is_former(const QueuedUrl& url) const {
  const bool named = url.is_seed() || (url.depth == 0 && url.sitemap == 1);
  return named && seeds_ && seeds_->any() && seeds_->has(url.fingerprint());
}

void Admission::leave_origins(std::vector<std::uint64_t> fingerprints) {
  const std::unique_lock lock{mutex_};
  left_origins_.insert(fingerprints.begin(), fingerprints.end());
}

std::map<std::string, std::string> Admission::take_changed_seeds() {
  const std::unique_lock lock{mutex_};
  if (!std::exchange(seeds_changed_, false)) return {};
  return seeds_->texts();
}

bool Admission::is_named_seed(std::string_view url) const {
  const std::shared_lock lock{mutex_};
  return seeds_ && seeds_->named().names(web::fingerprint(url));
}

bool Admission::is_dropped_seed(const KnownSeed& seed) const {
  const std::shared_lock lock{mutex_};
  return seeds_ && seeds_->named().is_former(web::fingerprint(seed.url));
}

bool Admission::takes_hop(const web::Url& target) const {
  if (!has_patterns_) return true;
  const std::shared_lock lock{mutex_};
  return !excludes_hop(target);
}

// The mutex held.
bool Admission::excludes_hop(const web::Url& url) const {
  return has_patterns_ && !Scope::check_patterns(url, true, rules_of(web::host_key(url))).inside;
}

bool Admission::widens(const KnownSeed& seed) const {
  const auto url = web::Url::parse(seed.url);
  const std::shared_lock lock{mutex_};
  return url && widens(seed, *url);
}

// The mutex held. Sitemaps are asked no patterns.
bool Admission::widens(const KnownSeed& seed, const web::Url& url) const {
  if (!defines_scope(seed.sitemap)) return false;
  const std::uint64_t print = web::fingerprint(seed.url);
  if (seeds_ && seeds_->has(print)) return false;
  const bool is_hop = !seed.redirect_chain.empty() || (seeds_ && seeds_->named().is_former(print));
  return seed.sitemap || !is_hop || !excludes_hop(url);
}

// What is one hop too many is not followed. The other form that a seed has by now has an answer of
// its own.
std::optional<web::Url> Admission::leads_to(const KnownSeed& seed) const {
  if (seed.redirect_to.empty()) return std::nullopt;
  const auto url = web::Url::parse(seed.url);
  const auto own = url ? canonical(*url) : url;
  if (!own || own->href() != seed.url) return std::nullopt;
  const auto redirect = web::Url::parse(seed.redirect_to);
  if (!redirect || !redirect->is_http()) return std::nullopt;
  auto target = canonical(*redirect);
  if (!target) return std::nullopt;
  const std::shared_lock lock{mutex_};
  if (!widens(seed, *url) || (!seed.sitemap && excludes_hop(*target))) return std::nullopt;
  const int hops_max = sites().of(web::host_key(*url)).fetch.max_redirects;
  if (std::cmp_greater_equal(seed.redirect_chain.size(), hops_max)) return std::nullopt;
  return std::move(*target);
}

}  // namespace trawl::crawl
