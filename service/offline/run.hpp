#pragma once
// The last step of a job with output.convert_links: the tree for offline reading.

#include "core/coro/task.hpp"
#include "core/crawl/job/job.hpp"

namespace trawl::service {

// Makes the tree on a thread of its own. SIGINT or SIGTERM ends it soon; false then. job outlives
// the task. Throws Failure when the folder can't be read or written.
coro::Task<bool> convert_crawl(const crawl::JobSpec& job, bool quiet);

}  // namespace trawl::service
