// What the crawl's job said is in the folder.
#include "service/link_folder.hpp"

#include "core/crawl/admission.hpp"
#include "service/stored_job.hpp"
#include "storage/open.hpp"

#include <utility>

namespace trawl::service {

LinkFolder open_link_folder(const std::string& path) {
  auto db = storage::open_results(path);
  const crawl::JobSpec job = read_stored_job(db).spec;
  return {path, std::move(db), crawl::canonical_rules(job.urls)};
}

}  // namespace trawl::service
