#pragma once
// What the commands that run jobs share: flags that stand for keys of the job file, and the way
// from a loaded job to its end.

#include "config/job.hpp"
#include "core/crawl/hosts/politeness_buckets.hpp"
#include "core/crawl/state/store.hpp"
#include "service/cli/command.hpp"
#include "service/run/fail_on.hpp"

#include <CLI/App.hpp>

#include <optional>
#include <string>
#include <vector>

namespace trawl::service::cli {

// Of one run, not of the job.
struct RunFlags {
  crawl::Again again = crawl::Again::nothing;
  bool adds_seeds = false;  // as Crawler::Parts has it
  FailOn fail_on;
};

// Collects overrides in the order of the command line.
class JobOptions {
 public:
  // --set key=value, for every command that takes a job.
  void add_set(CLI::App& command);
  // A flag that stands for a key. literal: its value is any text, such as a path.
  void add_flag(CLI::App& command, const std::string& names, const std::string& key,
                const std::string& help, const std::string& value_name, bool literal = false);

  // --convert-links, which takes no value.
  void add_convert_links(CLI::App& command);
  // --again, --retry-failed and --fail-on: not keys of the job, but of this one run.
  void add_run_flags(CLI::App& command);
  // Throws Failure{usage}.
  RunFlags run_flags() const;

  void put(std::string key, std::string value, std::string source, bool literal = false);
  // With the environment's TRAWL_A__B variables. Throws Failure{usage} for a malformed --set.
  config::Overrides overrides() const;

 private:
  std::vector<config::Override> options_;
  std::vector<std::string> sets_;
  bool again_ = false;
  bool retry_failed_ = false;
  std::optional<std::string> fail_on_;
};

// The arguments as a list of seeds; "example.org/x" becomes "http://example.org/x". Throws
// Failure{usage} for the path of a file.
std::vector<std::string> with_schemes(std::vector<std::string> urls);

// The host of the first URL as a folder's name; `otherwise` when there is none.
std::string host_folder(const std::vector<std::string>& urls, const std::string& otherwise);

// Throws Failure{usage} for a list that isn't there, before anything is made for it; "-" is
// standard input.
void refuse_what_is_no_list(const std::string& file);

// Prints the errors, one a line; gives the exit code.
ExitCode print_errors(const std::vector<config::ConfigError>& errors);

// Runs a loaded job to its end on a loop of its own. buckets: what its politeness shares with other
// jobs of the process.
ExitCode run_loaded(config::LoadedJob job, const Globals& globals, const std::string& default_dir,
                    RunFlags flags, crawl::PolitenessBuckets* buckets = nullptr);

}  // namespace trawl::service::cli
