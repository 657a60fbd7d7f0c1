// The table itself, dashboard_files(), is written at build time by cmake/embed_dashboard.cmake. A
// browser asks for a few dozen files, so a binary search in a sorted table is all that this needs.
#include "service/control/dashboard/assets.hpp"

#include <algorithm>

namespace trawl::service::control {

std::optional<Asset> dashboard_asset(std::string_view path) {
  if (path == "/") path = "/dashboard/index.html";
  const auto files = dashboard_files();
  const auto found = std::ranges::lower_bound(files, path, {}, &DashboardFile::path);
  if (found == files.end() || found->path != path) return std::nullopt;
  return found->asset;
}

}  // namespace trawl::service::control
