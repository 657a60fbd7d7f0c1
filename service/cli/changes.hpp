#pragma once
// `trawl changes`: pages that are new, changed, gone or can't be fetched any more, since a time or
// between two folders.

#include "service/cli/output.hpp"
#include "service/run/exit_code.hpp"

#include <string>
#include <vector>

namespace trawl::service::cli {

struct ChangesOptions {
  std::vector<std::string> folders;  // one, or the old one and the new one
  std::string since;                 // of one folder: a time, or how long ago; empty: its last run
  std::string cursor;                // of one folder: a file with the place of the last call
  std::string format = "text";       // or jsonl
  bool bodies = false;               // with each page to be indexed its body; jsonl alone
  std::string text;                  // main or all: what it says; likewise
  bool quiet = false;                // no line at the end
};

// out: a line for each page. Exit code 6 when a body can't be read. The cursor is written when all
// of it is out. Throws Failure: usage, not_found, and what opening a database throws.
ExitCode run_changes(const ChangesOptions& options, Output& out, Output& err);

}  // namespace trawl::service::cli
