#pragma once
// A file of the dashboard, compiled into the program.

#include <string_view>

namespace trawl::service::control {

// Everything lives as long as the program.
struct Asset {
  std::string_view content_type;  // with its charset
  std::string_view body;
  std::string_view etag;  // with its quotes; empty: none
};

}  // namespace trawl::service::control
