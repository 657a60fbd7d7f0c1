// `trawl serve`: the daemon, put together: its configuration, its log, and the front it is steered
// through.
#include "config/daemon.hpp"
#include "core/base/clock.hpp"
#include "core/base/log.hpp"
#include "service/cli/command.hpp"
#include "service/cli/job_options.hpp"
#include "service/control/dashboard/assets.hpp"
#include "service/control/metrics_page.hpp"
#include "service/control/server.hpp"
#include "service/daemon/daemon.hpp"
#include "service/run/live_progress.hpp"
#include "service/run/process_figures.hpp"

#include <CLI/App.hpp>
#include <CLI/Option.hpp>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

namespace trawl::service::cli {
namespace {

constexpr const char* default_file = "trawl.toml";

struct ServeOptions {
  std::string file;
  std::vector<config::Override> overrides;

  // The default file may be missing.
  config::Loaded<config::LoadedDaemon> load() const {
    std::error_code ignored;
    const bool none = file.empty() && !std::filesystem::exists(default_file, ignored);
    return config::load_daemon(none           ? ""
                               : file.empty() ? default_file
                                              : file,
                               {config::trawl_environment(::environ), overrides});
  }
};

// The control API on a thread of its own. With sockets that the service manager listens on, those
// are served and no others.
class ControlFront final : public Front {
 public:
  ControlFront(Jobs& jobs, const config::LoadedDaemon& config, std::vector<int> inherited)
      : server_({.jobs = jobs,
                 .clock = system_clock(),
                 .listen = inherited.empty()
                               ? std::vector<std::string>{config.spec.listen.to_string()}
                               : std::vector<std::string>{},
                 .inherited = std::move(inherited),
                 .token = config.token,
                 .names = config.spec.hosts,
                 .metrics = [&jobs, &config] { return page(jobs, config.spec); },
                 .assets = control::dashboard_asset,
                 .process_cpu = process_cpu}) {}

  std::string address() const override {
    return server_.addresses().empty() ? "" : server_.addresses().front();
  }
  coro::Task<> serve() override { return server_.run(); }

 private:
  static std::string page(const Jobs& jobs, const config::DaemonSpec& spec) {
    const auto figures = jobs.figures();
    return metrics_page(figures ? *figures : Figures{}, spec.data_dir);
  }

  control::ControlServer server_;
};

spdlog::level::level_enum level_of(const Globals& globals) {
  if (globals.quiet) return spdlog::level::err;
  if (globals.verbose > 1) return spdlog::level::trace;
  return globals.verbose == 1 ? spdlog::level::debug : spdlog::level::info;
}

void start_log(const config::DaemonSpec& spec, const Globals& globals) {
  stop_logging();
  start_logging({.level = spec.log_level.value_or(level_of(globals)),
                 .format = spec.log_format.value_or(globals.log_format),
                 .colour = spec.log_file.empty() && stderr_style().colour,
                 .file = spec.log_file,
                 .queue_lines = 8192});  // thousands of jobs can start at once
}

ExitCode run_serve(const ServeOptions& options, const Globals& globals) {
  auto config = options.load();
  if (!config) {
    print_errors(config.error());
    return ExitCode::config;
  }
  start_log(config->spec, globals);
  const config::LoadedDaemon& loaded = *config;
  Daemon daemon{{.config = loaded,
                 .reload = [&options] { return options.load(); },
                 .environment = config::trawl_environment(::environ),
                 .open_front =
                     [&loaded](Jobs& jobs) {
                       return std::make_unique<ControlFront>(jobs, loaded,
                                                             Notifier::inherited_sockets());
                     }}};
  daemon.run();
  return ExitCode::ok;
}

void add_key(CLI::App& command, ServeOptions& options, const std::string& flag,
             const std::string& key, const std::string& help, const std::string& value_name) {
  command
      .add_option_function<std::string>(
          flag,
          [&options, flag, key](const std::string& value) {
            options.overrides.push_back({key, value, flag, true});
          },
          help)
      ->option_text(value_name);
}

}  // namespace

void add_serve(CLI::App& app, Invocation& invocation) {
  auto* command = app.add_subcommand("serve", "run as a daemon: jobs from a folder and an API");
  const auto options = std::make_shared<ServeOptions>();
  command
      ->add_option("--config", options->file,
                   "the daemon's configuration; default: trawl.toml, if it is there")
      ->option_text("FILE");
  add_key(*command, *options, "--listen", "listen", "where the API listens", "ADDRESS:PORT");
  add_key(*command, *options, "--jobs-dir", "jobs_dir", "the folder of job files", "DIR");
  add_key(*command, *options, "--data-dir", "data_dir", "the daemon's own folder", "DIR");
  command->footer("docs/daemon.md has the configuration's keys and what a daemon does.");
  command->callback([options, &invocation] {
    invocation.run = [options, &invocation] { return run_serve(*options, invocation.globals); };
  });
}

}  // namespace trawl::service::cli
