#pragma once
// `trawl captures`: all that a crawl's archive has of one URL.

#include "core/base/result.hpp"
#include "service/cli/output.hpp"
#include "service/folder/archive_gaps.hpp"
#include "service/records/captures.hpp"
#include "service/run/exit_code.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::service::cli {

struct CapturesOptions {
  std::string folder;
  std::string url;
  std::string format = "text";  // or jsonl
  bool quiet = false;           // no progress, no line at the end
};

// out: a line for each capture, the oldest first. Exit code 6 when a part of the archive could not
// be read. Throws Failure: not_found when there is none.
ExitCode run_captures(const CapturesOptions& options, Output& out, Output& err);

// The captures of a URL as a person writes it; what can't be read of the archive is said on
// standard error, and unless quiet how far the search is.
struct FoundCaptures {
  std::vector<Capture> captures;  // by all methods
  ArchiveGaps gaps;               // of the method that was named
  bool damaged = false;           // a part of the archive could not be read
  std::optional<Error> none;      // why there are no captures
};
FoundCaptures search_captures(const std::string& folder, std::string_view url,
                              std::string_view method, bool quiet);

}  // namespace trawl::service::cli
