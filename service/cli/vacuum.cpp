// `trawl vacuum`: makes crawl.db as small as it can be. SQLite does that in one call and says
// nothing of how far it is, so what the process has written is taken for it.
#include "storage/vacuum.hpp"

#include "core/base/units.hpp"
#include "service/cli/command.hpp"
#include "service/folder/unused_files.hpp"
#include "service/run/say.hpp"
#include "service/run/ticker.hpp"
#include "service/text/progress.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

namespace trawl::service::cli {
namespace {

// proc(5): bytes that were given to write calls. 0 where the kernel doesn't say.
std::uint64_t written_bytes() {
  std::ifstream file{"/proc/self/io"};
  for (std::string name; file >> name;) {
    std::uint64_t bytes = 0;
    if (file >> bytes && name == "wchar:") return bytes;
  }
  return 0;
}

// bytes: that are going to be written.
std::string words_of_progress(const std::string& folder, std::uint64_t bytes,
                              std::uint64_t written_before) {
  const std::uint64_t written = written_bytes() - written_before;
  const std::uint64_t percent = written * 100 / std::max<std::uint64_t>(bytes, 1);
  return fmt::format("{}: {} of about {} written ({} %)", folder, human_bytes(written),
                     human_bytes(bytes), std::min<std::uint64_t>(percent, 99));
}

}  // namespace

void add_vacuum(CLI::App& app, Invocation& invocation) {
  auto* command = app.add_subcommand("vacuum", "make a crawl's database as small as it can be");
  const auto folder = std::make_shared<std::string>();
  const auto files = std::make_shared<bool>(false);
  command->add_option("DIR", *folder, "output folder of the crawl")->required();
  command->add_flag("--unused-files", *files,
                    "also remove bodies in files/ that no record names any more");
  command->footer(
      "No job may be running on the folder. Needs twice the database's room for a while.");
  command->callback([folder, files, &invocation] {
    invocation.run = [folder, files, &invocation] {
      const bool quiet = invocation.globals.quiet;
      if (*files) {
        const auto removed = remove_unused_files(*folder);
        if (!quiet)
          say("{}: {} in files/ removed, {}\n", *folder, counted(removed.files, "unused file"),
              human_bytes(removed.bytes));
      }
      std::optional<Ticker> ticker;
      const auto figures = storage::vacuum(*folder, [&](std::uint64_t bytes) {
        if (!quiet)
          ticker.emplace([name = *folder, bytes, before = written_bytes()] {
            return words_of_progress(name, bytes, before);
          });
      });
      ticker.reset();
      if (quiet) return ExitCode::ok;
      const std::uint64_t won =
          figures.bytes_before - std::min(figures.bytes_before, figures.bytes_after);
      say("{}: {} won; crawl.db had {}, and has {}\n", *folder, human_bytes(won),
          human_bytes(figures.bytes_before), human_bytes(figures.bytes_after));
      return ExitCode::ok;
    };
  });
}

}  // namespace trawl::service::cli
