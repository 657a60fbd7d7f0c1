#pragma once
// A crawl's folder as `trawl links` reads it.

#include "core/base/result.hpp"
#include "core/web/url/canonical.hpp"
#include "storage/sqlite/db.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace trawl::service {

struct LinkFolder {
  std::string path;
  storage::Db db;
  web::CanonicalRules rules;
};

// Each folder once, in their order, also where one is named by several paths. Throws Failure when
// one is no folder of a crawl, or can't be read.
std::vector<LinkFolder> open_link_folders(const std::vector<std::string>& paths);

// Fingerprints of the forms that a URL has in the folders; without a scheme it is either of the
// two. Errors: Errc::bad_url for what is no URL, and for one that no crawl can know.
Result<std::vector<std::uint64_t>> link_prints(const std::vector<LinkFolder>& folders,
                                               const std::string& text);

}  // namespace trawl::service
