#pragma once
// `trawl warc index`: CDXJ lines of WARC files, for replay tools.

#include "service/cli/output.hpp"
#include "service/run/exit_code.hpp"

#include <string>
#include <vector>

namespace trawl::service::cli {

struct WarcIndexOptions {
  std::vector<std::string> files;
  bool sort = false;
};

// A line a capture. A file that is damaged or can't be read is told on err, and the others are
// still indexed. ExitCode::damaged, or ExitCode::environment when a file can't be read.
ExitCode run_warc_index(const WarcIndexOptions& options, Output& out, Output& err);

}  // namespace trawl::service::cli
