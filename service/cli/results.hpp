#pragma once
// `trawl results`: the records of a crawl, streamed.

#include "service/cli/output.hpp"
#include "service/records/record_filter.hpp"
#include "service/records/record_format.hpp"
#include "service/run/exit_code.hpp"

#include <string>
#include <vector>

namespace trawl::service::cli {

struct ResultsOptions {
  std::string folder;  // or, with a server, the job's name
  std::string server;  // empty: none, read the folder
  std::string format = "jsonl";
  std::vector<std::string> fields;  // none: all
  FilterText filter;
  bool bodies = false;              // with each record what is kept of its body; jsonl alone
  std::string text;                 // main or all: what the page says, too; likewise
  std::vector<std::string> select;  // as Selection has it; jsonl and csv
};

// Memory is flat, whatever the number of records. Exit code 6 when a body can't be read. Throws
// Failure.
ExitCode run_results(const ResultsOptions& options, Output& out);

}  // namespace trawl::service::cli
