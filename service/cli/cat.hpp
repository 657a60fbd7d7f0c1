#pragma once
// `trawl cat`: the stored body of a URL.

#include "service/cli/output.hpp"
#include "service/records/stored_body.hpp"
#include "service/run/exit_code.hpp"

#include <string>

namespace trawl::service::cli {

struct CatOptions {
  std::string folder;
  std::string url;
  BodyForm form;
  std::string method = {};  // of its request; empty: any
  std::string at = {};      // a time: as the archive has it from then; empty: the last record's
  bool quiet = false;       // nothing is said of how far a search is
};

// Throws Failure: not_found when there is no such URL or no body, with the reason and what is near.
ExitCode run_cat(const CatOptions& options, Output& out);

}  // namespace trawl::service::cli
