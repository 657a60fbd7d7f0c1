#pragma once
// `trawl export`: the records of a crawl into one file, or as text to standard output.

#include "service/cli/output.hpp"
#include "service/records/record_filter.hpp"
#include "service/run/exit_code.hpp"

#include <string>
#include <vector>

namespace trawl::service::cli {

struct ExportOptions {
  std::string folder;
  std::string format;  // jsonl, csv, sqlite; empty: by the file's name
  std::string file;    // empty or "-": to out
  bool quiet = false;  // no line at the end
  FilterText filter;
  bool bodies = false;              // as ResultsOptions has it
  std::string text;                 // main or all: what the page says, too; likewise
  std::vector<std::string> select;  // as Selection has it; jsonl and csv
};

// Memory is flat, whatever the number of records. err: a line at the end. Throws Failure; then what
// was under the file's name before is still there.
ExitCode run_export(const ExportOptions& options, Output& out, Output& err);

}  // namespace trawl::service::cli
