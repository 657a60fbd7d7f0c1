// What is packed was crawled as it is; nothing is fetched and nothing in the folder is touched.
#include "service/cli/wacz.hpp"

#include "core/base/log.hpp"
#include "core/base/result.hpp"
#include "core/base/units.hpp"
#include "service/cli/command.hpp"
#include "service/files/crawl_files.hpp"
#include "service/run/ticker.hpp"
#include "service/text/progress.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <optional>

namespace trawl::service::cli {
namespace {

namespace fs = std::filesystem;

// "docs.wacz" for out/docs, also where that is "." or ends in a slash.
std::string file_for(const std::string& folder) {
  std::error_code error;
  fs::path path = fs::weakly_canonical(folder, error);
  if (error) path = folder;
  const std::string name = path.filename().string();
  return (name.empty() ? "crawl" : name) + ".wacz";
}

}  // namespace

ExitCode run_wacz(const WaczCommand& command, Output& err) {
  const WaczOptions options{.folder = command.folder,
                            .file = command.file.empty() ? file_for(command.folder) : command.file,
                            .title = command.title,
                            .description = command.description};
  if (options.file == "-")
    throw Failure(Errc::usage, "a WACZ file can't go to standard output; name a file with -o");
  refuse_crawl_files(options.folder, options.file);
  WaczProgress progress;
  std::optional<Ticker> ticker;
  if (!command.quiet)
    ticker.emplace([&] {
      return fmt::format("{}: {} of {} read", options.file.string(), human_bytes(progress.bytes),
                         human_bytes(progress.bytes_all));
    });
  const auto figures = write_wacz(options, progress, [&err](const Error& error) {
    err.write(fmt::format("trawl: {}; it is packed, but not in the index\n",
                          printable(error.detail, 4096)));
    err.flush();
  });
  ticker.reset();
  if (!command.quiet) {
    err.write(fmt::format("{}: {}, {} from {}, {}\n", options.file.string(),
                          counted(figures.pages, "page"), counted(figures.captures, "capture"),
                          counted(figures.archives, "archive file"),
                          human_bytes(fs::file_size(options.file))));
    err.write("open it with replayweb.page, or any other reader of WACZ\n");
    err.flush();
  }
  return figures.damaged ? ExitCode::damaged : ExitCode::ok;
}

void add_wacz(CLI::App& app, Invocation& invocation) {
  auto* command = app.add_subcommand(
      "wacz", "pack the archive of a crawl into one file that replays in a browser");
  const auto options = std::make_shared<WaczCommand>();
  command->add_option("DIR", options->folder, "output folder of the crawl")->required();
  command->add_option("-o,--output", options->file, "the file; else DIR.wacz, here")
      ->option_text("FILE");
  command->add_option("--title", options->title,
                      "its title; else what output.warcinfo says, or the job's name");
  command->add_option("--description", options->description, "what it is a collection of");
  command->footer("The file is there whole or not at all, and may be made while the job runs.");
  command->callback([options, &invocation] {
    invocation.run = [options, &invocation] {
      options->quiet = invocation.globals.quiet;
      DescriptorOutput err{STDERR_FILENO};
      return run_wacz(*options, err);
    };
  });
}

}  // namespace trawl::service::cli
