#pragma once
// `trawl backup`: a copy of an output folder that a job may be running on.

#include "service/cli/output.hpp"
#include "service/run/exit_code.hpp"
#include "storage/backup.hpp"

#include <string>

namespace trawl::service::cli {

struct BackupCommand {
  std::string folder;
  std::string target;
  storage::BackupOptions options;
  bool quiet = false;  // no line at the end
};

// Throws Failure.
ExitCode run_backup(const BackupCommand& command, Output& err);

}  // namespace trawl::service::cli
