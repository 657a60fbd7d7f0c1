#pragma once
// What a run's cookie jar begins with: the cookies that the folder keeps, and those of
// fetch.cookies_file.

#include "core/base/clock.hpp"
#include "core/crawl/job/job.hpp"
#include "core/crawl/state/store.hpp"
#include "core/web/headers/cookie.hpp"

#include <vector>

namespace trawl::service {

// With "session" the file alone, with "persist" what the store has. The file is taken into the
// store when it has changed since it last was, so that the cookies that servers have renewed since
// stay. What has expired is removed from the store. Throws Failure{config, io} naming
// the file, and what the store throws.
std::vector<web::Cookie> cookies_at_start(const crawl::JobSpec& job, crawl::Store& store, Wall now);

}  // namespace trawl::service
