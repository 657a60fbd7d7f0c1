#pragma once
// `trawl check`: validates job files.

#include "config/job.hpp"
#include "service/cli/output.hpp"
#include "service/run/exit_code.hpp"

#include <map>
#include <string>
#include <vector>

namespace trawl::service::cli {

struct CheckOptions {
  std::vector<std::string> files;
  std::vector<std::string> settings;  // of --set
  std::map<std::string, std::string> environment;
  bool print = false;
};

// Every error of every file goes to err, a line each.
ExitCode run_check(const CheckOptions& options, Output& out, Output& err);

}  // namespace trawl::service::cli
