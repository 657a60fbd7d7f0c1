#pragma once
// `trawl forget`: takes what a crawl has kept of some URLs out of its folder.

#include "service/cli/output.hpp"
#include "service/run/exit_code.hpp"

#include <string>
#include <vector>

namespace trawl::service::cli {

struct ForgetOptions {
  std::string folder;
  std::vector<std::string> urls;      // exactly these
  std::vector<std::string> patterns;  // as in scope.include
  std::vector<std::string> hosts;     // name[:port]
  bool dry_run = false;
  bool quiet = false;
};

// err: what is gone, and what follows from it. Throws Failure: usage (nothing named, a wrong
// pattern), not_found (a URL that nothing is known of; then nothing is done), in_use while a job
// runs in the folder, io, disk_full.
ExitCode run_forget(const ForgetOptions& options, Output& err);

}  // namespace trawl::service::cli
