#pragma once
// One spelling per resource, on top of the URL standard: what the seen filter and the store key on.
// Idempotent; the table of steps is in docs/urls.md.

#include "core/base/result.hpp"
#include "core/web/url/url.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace trawl::web {

struct CanonicalRules {
  std::vector<std::string> strip_params;  // globs on query parameter names: "utm_*", "gclid"
  std::vector<std::string> strip_path_params = {};  // the same of ";name=value" in the path
  std::size_t max_length = 2048;                    // bytes of the canonical form
  bool sort_query = false;
};

// Only http and https; fragment and userinfo removed, percent-encoding normalised, parameters
// stripped, empty query removed. Linear. Errors: Errc::bad_url with the reason; also for a URL that
// without its fragment is longer than max_length and 64 KiB, whatever would be stripped of it.
Result<Url> canonicalise(const Url& url, const CanonicalRules& rules);

}  // namespace trawl::web
