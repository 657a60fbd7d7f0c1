#pragma once
// `trawl explain`: why a URL was or wasn't fetched.

#include "core/base/clock.hpp"
#include "service/cli/output.hpp"
#include "service/run/exit_code.hpp"

#include <string>

namespace trawl::service::cli {

struct ExplainOptions {
  std::string folder;
  std::string url;
  bool json = false;
  std::string method = {};  // empty: the plain GET, else the first
};

// ok whether or not the URL is known. Throws Failure: bad_url, not_found for a method that it was
// not asked for with, and what opening the folder throws.
ExitCode run_explain(const ExplainOptions& options, Wall now, Output& out);

}  // namespace trawl::service::cli
