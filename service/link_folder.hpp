#pragma once
// A crawl's folder as `trawl links` reads it.

#include "core/crawl/record.hpp"
#include "core/crawl/scope.hpp"
#include "core/web/canonical.hpp"
#include "storage/sqlite/db.hpp"

#include <optional>
#include <string>

namespace trawl::service {

struct LinkFolder {
  std::string path;
  storage::Db db;
  web::CanonicalRules rules;
  std::optional<crawl::Scope> scope;  // where a run had scope.outlinks

  // Taken as what a page refers to, so that nobody followed its links (scope.outlinks).
  bool is_outlink(const crawl::Record& page) const;
};

// Throws Failure when it is no folder of a crawl, or can't be read.
LinkFolder open_link_folder(const std::string& path);

}  // namespace trawl::service
