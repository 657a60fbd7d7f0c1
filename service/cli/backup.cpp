// One reading connection: the job that may be running is not asked, and loses nothing but the time
// its disk spends on us.
#include "service/cli/backup.hpp"

#include "core/base/units.hpp"
#include "core/coro/loop.hpp"
#include "service/cli/command.hpp"
#include "service/text/progress.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <memory>

namespace trawl::service::cli {

ExitCode run_backup(const BackupCommand& command, Output& err) {
  coro::Loop loop;
  storage::Pool pool{loop.executor(), std::filesystem::path{command.folder} / "crawl.db", 1};
  const auto figures =
      loop.run(storage::back_up(pool, command.folder, command.target, command.options));
  if (command.quiet) return ExitCode::ok;
  std::string text =
      fmt::format("{}: {}, a database of {}, {} of archives with {}", command.target,
                  counted(figures.urls, "URL"), human_bytes(figures.database_bytes),
                  counted(figures.files, "file"), human_bytes(figures.archive_bytes));
  if (figures.linked > 0) text += fmt::format(", {} of them linked", grouped(figures.linked));
  err.write(text + (command.options.verify ? ", verified\n" : ", not verified\n"));
  err.flush();
  return ExitCode::ok;
}

void add_backup(CLI::App& app, Invocation& invocation) {
  auto* command = app.add_subcommand("backup", "copy an output folder, also while its job runs");
  const auto options = std::make_shared<BackupCommand>();
  command->add_option("DIR", options->folder, "output folder of the crawl")->required();
  command->add_option("TARGET", options->target, "the copy; a folder that is not there yet")
      ->required();
  command->add_flag("--link", options->options.link,
                    "hard links to archive files that are finished, on the same file system");
  command->add_flag("!--no-verify", options->options.verify, "leave out the check of the copy");
  command->footer("The copy is an output folder: its crawl can be continued with -o TARGET.");
  command->callback([options, &invocation] {
    invocation.run = [options, &invocation] {
      options->quiet = invocation.globals.quiet;
      DescriptorOutput err{STDERR_FILENO};
      return run_backup(*options, err);
    };
  });
}

}  // namespace trawl::service::cli
