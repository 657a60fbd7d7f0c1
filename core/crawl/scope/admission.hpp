#pragma once
// Admission: what becomes of a URL that was found: canonical form, traps, scope. Pure; any thread.

#include "core/crawl/job/job.hpp"
#include "core/crawl/job/list_line.hpp"
#include "core/crawl/job/live_settings.hpp"
#include "core/crawl/job/priorities.hpp"
#include "core/crawl/job/site_settings.hpp"
#include "core/crawl/scope/former_seeds.hpp"
#include "core/crawl/scope/scope.hpp"
#include "core/crawl/state/store.hpp"
#include "core/web/feeds/sitemap.hpp"
#include "core/web/url/canonical.hpp"
#include "core/web/url/url.hpp"

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trawl::crawl {

// What is one URL, as the job has it.
web::CanonicalRules canonical_rules(const UrlSpec& urls);

class Admission {
 public:
  // Errors: Errc::config for an invalid scope pattern.
  // now: from which dates are told to be far; far enough for the run.
  static Result<std::unique_ptr<Admission>> create(const JobSpec& job, Wall now);

  // A seed: always inside the scope that it helps to define. Errors: Errc::bad_url.
  Result<NewUrl> seed(std::string_view text);
  // The same for a list's line with a request or mirrors. Errors: Errc::bad_url.
  Result<NewUrl> seed(ListLine line);
  // A sitemap that the job names. Without other seeds it defines the scope. Errors: Errc::bad_url.
  Result<NewUrl> sitemap_seed(std::string_view text);
  // Whether such a URL of depth 0 and its redirects belong to what defines the scope: seeds do, and
  // the sitemaps that stand for them when there are no others.
  bool defines_scope(SitemapRole sitemap) const;
  // A seed, or where one redirected, is a part of the scope, also when it was that no more.
  void widen(const web::Url& url);
  // Which seeds of earlier runs are none any more: those are URLs like others. Before any other
  // thread asks.
  void set_seeds(FormerSeeds seeds) {
    seeds_ = std::move(seeds);
    may_have_former_ = seeds_->any();
  }
  // Where a seed redirects by its last answer, as the scope has it.
  std::optional<web::Url> leads_to(const KnownSeed& seed) const;
  // Whether it defines the scope: not if it is none any more, nor where a pattern excludes a hop.
  bool widens(const KnownSeed& seed) const;
  // Whether a seed may redirect there, and be followed.
  bool takes_hop(const web::Url& target) const;
  // An earlier run named it, and this one doesn't.
  bool is_dropped_seed(const KnownSeed& seed) const;
  bool has_former_seeds() const;
  bool is_former_seed(const KnownSeed& seed) const;
  bool is_former_seed(const QueuedUrl& url) const;
  // Origins of former seeds alone, whose sitemaps are of no use any more.
  void leave_origins(std::vector<std::uint64_t> fingerprints);
  // What `meta` is to have of the former seeds, when some were asked for anew since the last call;
  // else nothing.
  std::map<std::string, std::string> take_changed_seeds();
  // The store has URLs that were refused. Before any other thread asks.
  void note_refusals() { has_refused_ = true; }
  // Once whenever the scope has become wider after anything was refused: that is to be judged anew.
  // Any thread.
  bool take_widened() { return is_wider_ && is_wider_.exchange(false); }
  // How often the scope has become wider: then what was refused may be admitted. Any thread.
  std::uint64_t widenings() const { return widenings_; }

  // include and exclude from now on. Errors: Errc::config for an invalid pattern; then nothing has
  // changed.
  Result<> change_scope(std::shared_ptr<const LiveJob> job);
  // The rule that keeps a queued URL from being fetched after all; nothing when none does. Asked
  // are include and exclude, which may have changed since it was queued, and where there are former
  // seeds the mode, unless it may have been found as what is taken from outside of it.
  std::optional<std::string> left_out(const web::Url& url, const QueuedUrl& queued) const;

  // A URL found on a page or in a redirect. Queued, or excluded with the reason; absent when it can
  // be no URL of a crawl at all (another scheme).
  std::optional<NewUrl> found(const web::Url& url, int depth, UrlId via) const;
  // The same for what a page shows, with scope.requisites = "any".
  std::optional<NewUrl> found_requisite(const web::Url& url, int depth, UrlId via) const;
  // Whether the scope has a URL for itself, and not as something that a page shows or refers to.
  bool has_page(const web::Url& url, int depth) const;
  // Whether it can be there only because a page refers to it (scope.outlinks, now or in an earlier
  // run): it leads no further.
  bool is_outlink(const web::Url& url) const;
  // An earlier run had scope.outlinks. Before any other thread asks.
  void note_earlier_outlinks() { earlier_outlinks_ = true; }
  // Scope::print(), where there may be outlinks.
  std::optional<std::uint64_t> outlinks_print() const;

  // One that was refused by other rules; absent when these refuse it too, and when the job names it
  // itself, so that it comes as a seed.
  std::optional<NewUrl> reconsidered(RefusedUrl refused) const;

  // An entry of a sitemap that is no sitemap: as far from the seeds as the sitemap is.
  std::optional<NewUrl> listed(const web::SitemapEntry& entry, const QueuedUrl& sitemap) const;
  // A sitemap that robots.txt or an index names: never out of scope, since that is about pages, and
  // a site may keep its sitemaps elsewhere (sitemaps.org, "Sitemaps & Cross Submits"). Absent when
  // it is no URL, or when the job has had as many as it takes.
  std::optional<NewUrl> sitemap(const web::Url& url, int role, std::optional<UrlId> via);

  Result<web::Url> canonical(const web::Url& url) const;

 private:
  Admission(const JobSpec& job, Scope scope, Priorities priorities, Wall now);

  enum class As : std::uint8_t { link, listed, requisite };
  std::optional<NewUrl> judged(const web::Url& url, NewUrl found, As as) const;
  Scope::Verdict verdict_of(const web::Url& url, const NewUrl& found, As as) const;
  Scope::Verdict ask_scope(const web::Url& url, const NewUrl& found, As as) const;
  const ScopeRules& rules_of(std::string_view host) const;
  const std::vector<UrlPattern>& site_patterns(const std::vector<std::string>& texts) const;
  bool is_former(const QueuedUrl& url) const;
  bool excludes_hop(const web::Url& url) const;
  bool widens(const KnownSeed& seed, const web::Url& url) const;
  bool is_named_seed(std::string_view url) const;
  std::optional<std::string> left_out_by_mode(const web::Url& url, const QueuedUrl& queued) const;
  bool count_sitemap(const std::string& host);
  const JobSpec& job() const { return changed_ ? changed_->job : job_; }
  const SiteSettings& sites() const { return changed_ ? changed_->sites : job_sites_; }

  bool may_have_outlinks() const {
    return job_.mode != JobMode::fetch && (job_.scope.outlinks || earlier_outlinks_);
  }

  const JobSpec& job_;
  bool earlier_outlinks_ = false;
  bool may_have_former_ = false;  // set before any other thread asks, so that most need no lock
  Wall now_;
  SiteSettings job_sites_;
  const Priorities priorities_;
  // That others than the job named; at most one entry for each of the job's many.
  std::mutex sitemaps_mutex_;
  std::size_t sitemaps_ = 0;
  boost::unordered_flat_map<std::uint64_t, std::size_t> sitemaps_of_hosts_;
  web::CanonicalRules rules_;
  std::atomic<bool> has_patterns_;  // include or exclude, of the job or of a site
  std::atomic<std::uint64_t> widenings_ = 0;
  mutable std::atomic<bool> has_refused_ = false;
  std::atomic<bool> is_wider_ = false;
  mutable std::shared_mutex mutex_;  // seeds may be added while shards ask
  // Guarded by mutex_.
  Scope scope_;
  std::optional<FormerSeeds> seeds_;  // absent where no seed defines anything
  bool seeds_changed_ = false;
  boost::unordered_flat_set<std::uint64_t> left_origins_;  // fingerprints
  std::shared_ptr<const LiveJob> changed_;                 // null: the scope is as the job has it
  mutable std::mutex site_mutex_;
  mutable std::map<const JobSpec*, ScopeRules> site_rules_;  // by settings of sites()
  // By their texts: a list is the job's or that of one site, whatever else holds for a host.
  mutable std::map<std::vector<std::string>, std::vector<UrlPattern>> site_patterns_;
};

}  // namespace trawl::crawl
