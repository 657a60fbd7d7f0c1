#pragma once
// A fetch of some of the hostile site's behaviours and of good pages beside them, and what was
// recorded.

#include "service/demo/hostile_report.hpp"
#include "tests/e2e/program.hpp"
#include "tests/support/hostile_server.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace trawl::e2e {

// "--set key=value" for each of the hostile site's settings, and "-o FOLDER"; more behind them.
Arguments hostile_options(const std::filesystem::path& folder, Arguments more = {});

class HostileWeb : public testing::Test {
 protected:
  // Runs the program over the behaviours. Fails the test unless it ends well within its time, each
  // is recorded as the table says, the good pages are fetched, nothing is left queued, and
  // database and archive are sound.
  void fetch(const std::vector<std::string>& names, Arguments more = {});
  // The same from a server of the test's own, and without looking at the records.
  void fetch_from(const support::HostileServer& server, const std::vector<std::string>& names,
                  Arguments more = {});

  const crawl::Outcome& outcome(std::string_view name) const;
  // The body as `trawl cat` gives it.
  std::string body(std::string_view name) const;

  support::HostileServer server_;
  const support::HostileServer* fetched_from_ = &server_;
  TempDir dir_;
  Records records_;
};

}  // namespace trawl::e2e
