#pragma once
// Each subcommand is a file: add_NAME() declares its options and leaves in the invocation what is
// to be run. Data goes to standard output, everything else to standard error.

#include "core/base/log.hpp"
#include "service/run/exit_code.hpp"

#include <CLI/App.hpp>

#include <functional>
#include <string>

namespace trawl::service::cli {

// Options of every command.
struct Globals {
  bool quiet = false;
  int verbose = 0;  // -v, -vv
  LogFormat log_format = LogFormat::text;
};

struct Invocation {
  Globals globals;
  // Set by the subcommand that was named; may throw Failure, whose message main prints.
  std::function<ExitCode()> run;
};

void add_crawl(CLI::App& app, Invocation& invocation);
void add_fetch(CLI::App& app, Invocation& invocation);
void add_run(CLI::App& app, Invocation& invocation);
void add_check(CLI::App& app, Invocation& invocation);
void add_results(CLI::App& app, Invocation& invocation);
void add_cat(CLI::App& app, Invocation& invocation);
void add_captures(CLI::App& app, Invocation& invocation);
void add_changes(CLI::App& app, Invocation& invocation);
void add_cookies(CLI::App& app, Invocation& invocation);
void add_links(CLI::App& app, Invocation& invocation);
void add_requeue(CLI::App& app, Invocation& invocation);
void add_forget(CLI::App& app, Invocation& invocation);
void add_verify(CLI::App& app, Invocation& invocation);
void add_runs(CLI::App& app, Invocation& invocation);
void add_stats(CLI::App& app, Invocation& invocation);
void add_export(CLI::App& app, Invocation& invocation);
void add_wacz(CLI::App& app, Invocation& invocation);
void add_backup(CLI::App& app, Invocation& invocation);
void add_vacuum(CLI::App& app, Invocation& invocation);
void add_explain(CLI::App& app, Invocation& invocation);
void add_warc(CLI::App& app, Invocation& invocation);
void add_inspect(CLI::App& app, Invocation& invocation);
void add_serve(CLI::App& app, Invocation& invocation);
void add_submit(CLI::App& app, Invocation& invocation);
void add_status(CLI::App& app, Invocation& invocation);
void add_steering(CLI::App& app, Invocation& invocation);  // pause, resume, cancel, run-now
void add_logs(CLI::App& app, Invocation& invocation);
void add_demo(CLI::App& app, Invocation& invocation);
void add_health(CLI::App& app, Invocation& invocation);
void add_completion(CLI::App& app, Invocation& invocation);

// A check of CLI11's, whose integers without a sign take "-1" for the largest.
std::string refuse_negative(const std::string& text);

// Runs the program: parses the arguments, runs the command, prints errors, gives the exit code.
int run_command_line(int argc, const char* const* argv);

}  // namespace trawl::service::cli
