// All files are checked before the verdict, so that one run shows everything that is wrong.
#include "service/cli/check.hpp"

#include "config/daemon.hpp"
#include "config/daemon_key.hpp"
#include "config/document.hpp"
#include "config/warnings.hpp"
#include "service/cli/command.hpp"
#include "service/daemon/job_loader.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace trawl::service::cli {

namespace {

// Plain keys with one of trawl serve's among them, and no section but its own.
bool is_daemons(const std::string& file) {
  const auto text = config::read_document(file);
  const auto document = text ? config::parse_document(*text, file)
                             : std::unexpected(config::ConfigError{text.error()});
  if (!document) return false;
  bool has_key = false;
  for (const auto& [name, node] : *document) {
    if (name.str() == "log") continue;
    if (node.is_table() || node.is_array_of_tables()) return false;
    has_key |= config::find_daemon_key(name.str()) != nullptr;
  }
  return has_key;
}

}  // namespace

ExitCode run_check(const CheckOptions& options, Output& out, Output& err) {
  bool valid = true;
  const auto complain = [&](const config::ConfigError& error) {
    valid = false;
    err.write(config::format_error(error) + "\n");
  };
  const auto warn = [&](const config::ConfigError& error) {
    err.write(fmt::format("warning: {}\n", config::format_error(error)));
  };
  config::Overrides overrides{.environment = config::job_environment(options.environment),
                              .options = {}};
  for (const std::string& setting : options.settings) {
    auto parsed = config::parse_set(setting);
    if (parsed)
      overrides.options.push_back(std::move(*parsed));
    else
      complain(parsed.error());
  }
  for (const std::string& file : options.files) {
    if (is_daemons(file)) {
      const auto daemon = config::load_daemon(file, {options.environment, {}});
      if (daemon)
        out.write(fmt::format("{}: ok, as the configuration of trawl serve\n", file));
      else
        std::ranges::for_each(daemon.error(), complain);
      continue;
    }
    const auto job = config::load_job(file, overrides);
    if (!job) {
      std::ranges::for_each(job.error(), complain);
      continue;
    }
    std::ranges::for_each(unreadable_files(*job), warn);
    std::ranges::for_each(config::warnings_of(*job), warn);
    if (options.print)
      out.write(config::print_job(*job));
    else
      out.write(fmt::format("{}: ok\n", file));
  }
  err.flush();
  out.flush();
  return valid ? ExitCode::ok : ExitCode::config;
}

void add_check(CLI::App& app, Invocation& invocation) {
  auto* command =
      app.add_subcommand("check", "validate job files, and the configuration of trawl serve");
  const auto options = std::make_shared<CheckOptions>();
  command->add_option("JOB.toml", options->files, "job files")->required();
  command->add_flag("--print", options->print, "show the merged job, each value with its origin");
  command->add_option("--set", options->settings, "key=value: as if the file said so")
      ->allow_extra_args(false);
  command->callback([options, &invocation] {
    invocation.run = [options] {
      options->environment = config::trawl_environment(::environ);
      DescriptorOutput out{STDOUT_FILENO};
      DescriptorOutput err{STDERR_FILENO};
      return run_check(*options, out, err);
    };
  });
}

}  // namespace trawl::service::cli
