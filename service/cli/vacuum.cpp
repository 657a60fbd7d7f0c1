// `trawl vacuum`: makes crawl.db as small as it can be.
#include "storage/vacuum.hpp"

#include "core/base/units.hpp"
#include "service/cli/command.hpp"
#include "service/say.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

namespace trawl::service::cli {

void add_vacuum(CLI::App& app, Invocation& invocation) {
  auto* command = app.add_subcommand("vacuum", "make a crawl's database as small as it can be");
  const auto folder = std::make_shared<std::string>();
  command->add_option("DIR", *folder, "output folder of the crawl")->required();
  command->footer(
      "No job may be running on the folder. Needs twice the database's room for a while.");
  command->callback([folder, &invocation] {
    invocation.run = [folder] {
      const auto figures = storage::vacuum(*folder);
      const std::uint64_t won =
          figures.bytes_before - std::min(figures.bytes_before, figures.bytes_after);
      say("{}: {} won; crawl.db had {}, and has {}\n", *folder, human_bytes(won),
          human_bytes(figures.bytes_before), human_bytes(figures.bytes_after));
      return ExitCode::ok;
    };
  });
}

}  // namespace trawl::service::cli
