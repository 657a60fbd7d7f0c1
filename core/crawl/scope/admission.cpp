// Excluded URLs are admitted too, as records with a reason, so that "why was this not fetched?" has
// an answer.
#include "core/crawl/scope/admission.hpp"

#include "core/base/limits.hpp"
#include "core/base/log.hpp"
#include "core/crawl/job/pattern_budget.hpp"
#include "core/crawl/job/url_text.hpp"
#include "core/crawl/scope/traps.hpp"
#include "core/web/digest.hpp"
#include "core/web/url/host.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

namespace trawl::crawl {

web::CanonicalRules canonical_rules(const UrlSpec& urls) {
  return {.strip_params = urls.strip_params,
          .strip_path_params = urls.strip_path_params,
          .max_length = static_cast<std::size_t>(urls.max_length),
          .sort_query = urls.sort_query};
}

namespace {

// The scope of a site as if the job had none.
ScopeSpec scope_of(const SiteSpec& site) {
  JobSpec settings;
  for (const SiteValue& value : site.values) value.apply(settings);
  return std::move(settings.scope);
}

bool has_patterns(const JobSpec& job) {
  const auto any = [](const ScopeSpec& scope) {
    return !scope.include.empty() || !scope.exclude.empty();
  };
  return any(job.scope) ||
         std::ranges::any_of(job.sites, [&](const SiteSpec& site) { return any(scope_of(site)); });
}

}  // namespace

Admission::Admission(const JobSpec& job, Scope scope, Priorities priorities, Wall now)
    : job_(job),
      now_(now),
      job_sites_(job),
      priorities_(std::move(priorities)),
      rules_(canonical_rules(job.urls)),
      has_patterns_(has_patterns(job)),
      scope_(std::move(scope)) {}

Result<std::unique_ptr<Admission>> Admission::create(const JobSpec& job, Wall now) {
  auto scope = Scope::create(job.scope);
  if (!scope) return std::unexpected(scope.error());
  for (const SiteSpec& site : job.sites)
    if (const auto rules = ScopeRules::create(scope_of(site)); !rules)
      return std::unexpected(rules.error());
  auto priorities = Priorities::create(job);
  if (!priorities) return std::unexpected(std::move(priorities.error()));
  return std::unique_ptr<Admission>{
      new Admission{job, std::move(*scope), std::move(*priorities), now}};
}

Result<web::Url> Admission::canonical(const web::Url& url) const {
  return web::canonicalise(url, rules_);
}

Result<NewUrl> Admission::seed(std::string_view text) {
  const auto parsed = web::Url::parse(text);
  if (!parsed) return std::unexpected(parsed.error());
  const auto url = canonical(*parsed);
  if (!url) return std::unexpected(url.error());
  {
    const std::unique_lock lock{mutex_};
    if (seeds_) seeds_changed_ |= seeds_->take_back(web::fingerprint(url->href()));
  }
  widen(*url);
  return NewUrl{
      .url = url->href(), .host = web::host_key(*url), .priority = priorities_.of(url->href(), 0)};
}

Result<NewUrl> Admission::seed(ListLine line) {
  const auto named = [](const std::string& url, const Error& error) {
    return fail(Errc::bad_url, fmt::format("\"{:.200}\": {}", without_user(url), error.detail));
  };
  auto first = seed(line.urls.front());
  if (!first) return named(line.urls.front(), first.error());
  for (std::size_t i = 1; i < line.urls.size(); ++i) {
    const auto parsed = web::Url::parse(line.urls[i]);
    const auto url = parsed ? canonical(*parsed) : parsed;
    if (!url) return named(line.urls[i], url.error());
    line.request.mirrors.push_back(url->href());
  }
  first->request = share(std::move(line.request));
  return first;
}

Result<NewUrl> Admission::sitemap_seed(std::string_view text) {
  const auto parsed = web::Url::parse(text);
  const auto url = parsed ? canonical(*parsed) : parsed;
  if (!url) return std::unexpected(url.error());
  if (defines_scope(1)) widen(*url);
  return NewUrl{.url = url->href(),
                .host = web::host_key(*url),
                .sitemap = 1,
                .priority = priorities_.of(url->href(), 0)};
}

void Admission::widen(const web::Url& url) {
  const std::unique_lock lock{mutex_};
  if (scope_.add_seed(url)) {
    ++widenings_;
    if (has_refused_ && job_.mode != JobMode::fetch) is_wider_ = true;
  }
  if (seeds_) seeds_->note_redirect(web::fingerprint(url.href()));
  if (!left_origins_.empty()) left_origins_.erase(web::fingerprint(url.origin()));
}

std::optional<NewUrl> Admission::found(const web::Url& url, int depth, UrlId via) const {
  if (!url.is_http()) return std::nullopt;
  return judged(url, {.depth = depth, .via = via}, As::link);
}

std::optional<NewUrl> Admission::found_requisite(const web::Url& url, int depth, UrlId via) const {
  if (!url.is_http()) return std::nullopt;
  return judged(url, {.depth = depth, .via = via}, As::requisite);
}

bool Admission::has_page(const web::Url& url, int depth) const {
  const std::shared_lock lock{mutex_};
  return scope_.check(url, depth, rules_of(web::host_key(url))).inside;
}

bool Admission::is_outlink(const web::Url& url) const {
  if (!may_have_outlinks()) return false;
  const std::shared_lock lock{mutex_};
  return !scope_.in_mode(url);
}

std::optional<std::uint64_t> Admission::outlinks_print() const {
  if (!may_have_outlinks()) return std::nullopt;
  const std::shared_lock lock{mutex_};
  return scope_.print();
}

std::optional<NewUrl> Admission::reconsidered(RefusedUrl refused) const {
  const auto url = web::Url::parse(refused.url.url);
  if (!url || !url->is_http()) return std::nullopt;
  // Of a page that leads no further now, and did when the scope was another.
  const auto via = web::Url::parse(refused.via);
  const bool redirected = !refused.url.redirect_chain.empty();
  if (via && !redirected && is_outlink(*via) && is_outlink(*url)) return std::nullopt;
  const As as = refused.url.sitemap ? As::listed : As::link;
  std::string stored = refused.url.url;
  auto found = judged(*url, std::move(refused.url), as);
  if (!found || found->excluded || is_named_seed(found->url)) return std::nullopt;
  // Of what has another form by now, the shard that leases it asks for that one.
  found->url = std::move(stored);
  if (as == As::listed) found->priority = priorities_.of(found->url, found->depth);
  return found;
}

std::optional<NewUrl> Admission::listed(const web::SitemapEntry& entry,
                                        const QueuedUrl& sitemap) const {
  const auto url = web::Url::parse(entry.loc);
  if (!url) return std::nullopt;
  auto found = judged(*url,
                      {.depth = sitemap.depth,
                       .via = sitemap.id,
                       .sitemap = 0,
                       .sitemap_lastmod = entry.lastmod,
                       .changefreq = entry.changefreq},
                      As::listed);
  if (found) found->priority = priorities_.of(found->url, found->depth, entry.priority);
  return found;
}

std::optional<NewUrl> Admission::judged(const web::Url& url, NewUrl found, As as) const {
  const auto target = canonical(url);
  if (!target) return std::nullopt;
  found.url = target->href();
  found.host = web::host_key(*target);
  if (as != As::listed) found.priority = priorities_.of(found.url, found.depth);
  if (job_.mode == JobMode::fetch) return found;
  // Somebody wrote a sitemap's list down, so it has an end.
  if (auto trap = as == As::listed ? std::nullopt : trap_rule(*target, job_.urls, now_)) {
    found.excluded = Errc::trap;
    found.excluded_detail = std::move(*trap);
    return found;
  }
  const auto verdict = ask_scope(*target, found, as);
  if (!verdict.inside) {
    found.excluded = verdict.rule == "depth" ? Errc::depth : Errc::scope;
    found.excluded_detail = verdict.rule;
  }
  return found;
}

Scope::Verdict Admission::ask_scope(const web::Url& url, const NewUrl& found, As as) const {
  const std::shared_lock lock{mutex_};
  auto verdict = verdict_of(url, found, as);
  // Before the scope can become wider, which looks whether anything was refused by it.
  if (!verdict.inside && !has_refused_) has_refused_ = true;
  return verdict;
}

// The mutex held.
Scope::Verdict Admission::verdict_of(const web::Url& url, const NewUrl& found, As as) const {
  const ScopeRules& rules = rules_of(found.host);
  if (as == As::requisite) return Scope::check_requisite(url, found.depth, rules);
  if (as == As::link && job_.scope.outlinks && !scope_.in_mode(url))
    return Scope::check_outlink(url, found.depth, rules);
  return as == As::listed ? scope_.check_listed(url, found.depth, rules)
                          : scope_.check(url, found.depth, rules);
}

Result<> Admission::change_scope(std::shared_ptr<const LiveJob> job) {
  auto rules = ScopeRules::create(job->job.scope);
  if (!rules) return std::unexpected(std::move(rules.error()));
  const std::unique_lock lock{mutex_};
  has_patterns_ = has_patterns(job->job);
  scope_.set_rules(std::move(*rules));
  site_rules_.clear();
  site_patterns_.clear();
  changed_ = std::move(job);
  ++widenings_;  // as it may be
  return {};
}

// Seeds are fetched whatever the patterns say, as they are admitted.
std::optional<std::string> Admission::left_out(const web::Url& url, const QueuedUrl& queued) const {
  if (job_.mode == JobMode::fetch || (!has_patterns_ && !may_have_former_)) return std::nullopt;
  const std::shared_lock lock{mutex_};
  const bool seed = queued.is_seed() && !is_former(queued);
  const bool dropped = seeds_ && seeds_->named().is_former(queued.fingerprint());
  if (seed && queued.redirect_chain.empty() && !dropped) return std::nullopt;
  if (auto rule = left_out_by_mode(url, queued)) {
    has_refused_ = true;
    return rule;
  }
  if (!has_patterns_ || queued.is_sitemap()) return std::nullopt;
  const ScopeRules& rules = rules_of(web::host_key(url));
  const bool outlink = job_.scope.outlinks && !scope_.in_mode(url);
  auto verdict = Scope::check_patterns(url, seed || outlink, rules);
  // What it was found as is not known any more, and what a page shows needs no include.
  if (!verdict.inside && job().scope.requisites == RequisiteScope::any)
    verdict = Scope::check_patterns(url, true, rules);
  return verdict.inside ? std::nullopt : std::optional{std::move(verdict.rule)};
}

// The mutex held. What was found beside a seed that is none any more was within the mode then, but
// for what is taken from anywhere; what it was found as is not known any more.
std::optional<std::string> Admission::left_out_by_mode(const web::Url& url,
                                                       const QueuedUrl& queued) const {
  if (!seeds_ || !seeds_->any() || scope_.in_mode(url)) return std::nullopt;
  if (queued.is_sitemap()) {
    const auto& chain = queued.redirect_chain;  // from what the job names
    if (seeds_->named().names(chain.empty() ? queued.fingerprint() : chain.front()))
      return std::nullopt;
    if (!left_origins_.contains(web::fingerprint(url.origin()))) return std::nullopt;
  } else if (may_have_outlinks()) {
    return std::nullopt;
  } else if (job().scope.requisites == RequisiteScope::any && !is_former(queued)) {
    return std::nullopt;
  }
  return std::string{scope_.mode_rule()};
}

// The site mutex held.
const std::vector<UrlPattern>& Admission::site_patterns(
    const std::vector<std::string>& texts) const {
  if (const auto found = site_patterns_.find(texts); found != site_patterns_.end())
    return found->second;
  auto patterns = PatternBudget{}.create(texts);
  if (!patterns) throw Failure(std::move(patterns.error()));
  return site_patterns_.emplace(texts, *std::move(patterns)).first->second;
}

// The mutex held. Rules are made once for each combination of sites, of which there may be very
// many; what is compiled they share.
const ScopeRules& Admission::rules_of(std::string_view host) const {
  const JobSpec& settings = sites().of(host);
  if (&settings == &job()) return scope_.rules();
  const std::lock_guard lock{site_mutex_};
  if (const auto found = site_rules_.find(&settings); found != site_rules_.end())
    return found->second;
  ScopeRules rules{settings.scope.max_depth, site_patterns(settings.scope.include),
                   site_patterns(settings.scope.exclude)};
  return site_rules_.emplace(&settings, std::move(rules)).first->second;
}

std::optional<NewUrl> Admission::sitemap(const web::Url& url, int role, std::optional<UrlId> via) {
  const auto target = url.is_http() ? canonical(url) : fail(Errc::bad_url);
  if (!target) return std::nullopt;
  std::string host = web::host_key(*target);
  if (!count_sitemap(host)) return std::nullopt;
  return NewUrl{.url = target->href(),
                .host = std::move(host),
                .via = via,
                .sitemap = role,
                .priority = priorities_.of(target->href(), 0)};
}

// One site's sitemaps leave room for those of others.
bool Admission::count_sitemap(const std::string& host) {
  const std::lock_guard lock{sitemaps_mutex_};
  std::size_t& of_host = sitemaps_of_hosts_[web::fingerprint(host)];
  if (++of_host == limits::sitemaps_per_host_max + 1)
    log("sitemaps")
        ->warn("{} has more than {} sitemaps; further ones are left out", printable(host),
               limits::sitemaps_per_host_max);
  if (of_host > limits::sitemaps_per_host_max) return false;
  if (++sitemaps_ == limits::sitemaps_per_job_max + 1)
    log("sitemaps")
        ->warn("more than {} sitemaps; further ones are left out", limits::sitemaps_per_job_max);
  return sitemaps_ <= limits::sitemaps_per_job_max;
}

}  // namespace trawl::crawl
