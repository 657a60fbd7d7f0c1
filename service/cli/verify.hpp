#pragma once
// `trawl verify`: whether an output folder still has what its records say, and if not, what of it
// is to be fetched again.

#include "service/cli/output.hpp"
#include "service/run/exit_code.hpp"

#include <string>
#include <vector>

namespace trawl::service::cli {

struct VerifyOptions {
  std::vector<std::string> folders;  // at least one
  std::string format = "text";       // or jsonl
  bool requeue = false;              // URLs whose bodies are damaged or gone; takes the lock
  bool quiet = false;                // no progress, no line at the end
};

// out: a line for each finding. err: a line for each folder at the end. Exit code 6 when anything
// was found. A folder that can't be checked doesn't keep the others from it; a single one throws
// Failure: not_found, in_use (with requeue, while a job runs), damaged (the database can't be
// read).
ExitCode run_verify(const VerifyOptions& options, Output& out, Output& err);

}  // namespace trawl::service::cli
