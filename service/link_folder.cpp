// What the crawl's job said is in the folder.
#include "service/link_folder.hpp"

#include "core/base/clock.hpp"
#include "core/crawl/admission.hpp"
#include "core/crawl/link_times.hpp"
#include "service/stored_job.hpp"
#include "service/stored_scope.hpp"
#include "storage/open.hpp"
#include "storage/sqlite/url_facts.hpp"

#include <utility>

namespace trawl::service {

bool LinkFolder::is_outlink(const crawl::Record& page) const {
  if (!scope) return false;
  const auto url = web::Url::parse(page.url);
  return url && !scope->in_mode(*url);
}

LinkFolder open_link_folder(const std::string& path) {
  auto db = storage::open_results(path);
  const crawl::JobSpec job = read_stored_job(db).spec;
  const bool outlinks = job.scope.outlinks || storage::stored_meta(db, crawl::outlinks_key);
  auto scope = outlinks ? stored_scope(db, job, job.scope, system_clock().wall()) : std::nullopt;
  return {path, std::move(db), crawl::canonical_rules(job.urls), std::move(scope)};
}

}  // namespace trawl::service
