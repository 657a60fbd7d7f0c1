#pragma once
// Adds up what several runs of a job have counted. Pure.

#include "core/crawl/engine/crawl_metrics.hpp"

namespace trawl::service {

void add_metrics(crawl::CrawlMetrics& sum, const crawl::CrawlMetrics& more);

}  // namespace trawl::service
