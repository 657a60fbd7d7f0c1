#pragma once
// `trawl wacz`: the archive of a crawl as one file, for replay in a browser.

#include "service/cli/output.hpp"
#include "service/run/exit_code.hpp"
#include "service/wacz/package.hpp"

namespace trawl::service::cli {

struct WaczCommand {
  std::string folder;
  std::string file;  // empty: the folder's name and .wacz, here
  std::string title, description;
  bool quiet = false;
};

// err: how far it is, what is damaged, and a line at the end. ExitCode::damaged when a part of the
// archive is not in the index. Throws Failure.
ExitCode run_wacz(const WaczCommand& command, Output& err);

}  // namespace trawl::service::cli
