#pragma once
// The scope of a crawl's folder: with its seeds and where they redirected, but for those that the
// job names no more.

#include "core/base/clock.hpp"
#include "core/crawl/job/job.hpp"
#include "core/crawl/scope/former_seeds.hpp"
#include "core/crawl/scope/scope.hpp"
#include "storage/sqlite/db.hpp"

#include <optional>

namespace trawl::service {

// rules: those of the job, or of a site of it. Absent where the job would not start. Costs a scan
// of all seeds. Throws Failure when the database can't be read.
std::optional<crawl::Scope> stored_scope(storage::Db& db, const crawl::JobSpec& job,
                                         const crawl::ScopeSpec& rules, Wall now);

// As the last run left them.
crawl::FormerSeeds stored_seeds(storage::Db& db, const crawl::JobSpec& job, Wall now);

}  // namespace trawl::service
