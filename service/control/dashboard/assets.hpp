#pragma once
// The dashboard's files, as they were when the program was built: what `trawl serve` answers at "/"
// and below "/dashboard/". They are constant; any thread may ask, and nothing is copied.

#include "service/control/asset.hpp"

#include <optional>
#include <span>
#include <string_view>

namespace trawl::service::control {

// path is that of the request, without its query; "/" is the page. std::nullopt: no such file.
std::optional<Asset> dashboard_asset(std::string_view path);

struct DashboardFile {
  std::string_view path;  // "/dashboard/app.js"
  Asset asset;
};
// By path.
std::span<const DashboardFile> dashboard_files();

}  // namespace trawl::service::control
