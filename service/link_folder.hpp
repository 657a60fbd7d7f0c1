#pragma once
// A crawl's folder as `trawl links` reads it.

#include "core/web/canonical.hpp"
#include "storage/sqlite/db.hpp"

#include <string>

namespace trawl::service {

struct LinkFolder {
  std::string path;
  storage::Db db;
  web::CanonicalRules rules;
};

// Throws Failure when it is no folder of a crawl, or can't be read.
LinkFolder open_link_folder(const std::string& path);

}  // namespace trawl::service
