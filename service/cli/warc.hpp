#pragma once
// `trawl warc verify`: checks archives, ours and others'.

#include "service/cli/output.hpp"
#include "service/run/exit_code.hpp"
#include "storage/warc/verify.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace trawl::service::cli {

struct WarcOptions {
  std::vector<std::string> files;
};

// A line for each file and for each of its faults. ExitCode::damaged when there are faults,
// ExitCode::environment when a file can't be read and no other has faults.
ExitCode run_warc_verify(const WarcOptions& options, Output& out, Output& err);

// The lines of one file.
std::string verify_report(std::string_view file, const storage::WarcSummary& summary);

}  // namespace trawl::service::cli
