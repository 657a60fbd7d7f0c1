#pragma once
// `trawl links`: the links of the pages of crawls, with what became of where they lead.

#include "service/cli/output.hpp"
#include "service/run/exit_code.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace trawl::service::cli {

// Conditions hold together, and are of where a link leads in the end, redirects followed.
struct LinksOptions {
  std::vector<std::string> folders;  // at least one
  std::string format = "jsonl";      // or csv, text, github, junit
  bool broken = false;               // no answer, an error as one, a fragment without a place
  bool unchecked = false;            // FoundLink::is_unchecked()
  std::vector<std::string> ignore;   // files, for LinkPolicy
  std::string accept, baseline;      // likewise
  bool redirected = false;           // where they end is not where they lead
  bool fragments = false;            // whether they have a place; reads all pages twice
  bool text = false;                 // with what readers see of them
  std::string kind;                  // page,canonical
  std::string state;
  std::string status;
  std::string error;
  std::vector<std::string> from;  // of these pages alone; empty: of all
  std::vector<std::string> to;    // that come by one of these URLs; empty: any
  std::optional<std::uint64_t> limit;
  bool quiet = false;  // no line at the end
};

// Memory: a few bytes for each URL of the crawls, and one page; text, github and junit: all targets
// that are listed. err: pages that can't be read, and
// a line at the end. Exit code 6 when there were any of those,
// 12 when there are broken ones. Throws Failure: not_found where no
// page is kept.
ExitCode run_links(const LinksOptions& options, Output& out, Output& err);

}  // namespace trawl::service::cli
