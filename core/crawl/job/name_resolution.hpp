#pragma once
// What a job says about names, read once for all its shards.

#include "core/base/result.hpp"
#include "core/crawl/job/job.hpp"
#include "core/http/dns/resolver.hpp"

#include <cstddef>

namespace trawl::crawl {

// Reads the hosts file. Errors: Errc::config.
Result<http::dns::ResolverOptions> name_resolution(const FetchSpec& fetch, std::size_t shards);

}  // namespace trawl::crawl
