// `trawl run JOB.toml…`: job files in the foreground, one after the other.
#include "service/cli/job_options.hpp"
#include "service/run/say.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <memory>

namespace trawl::service::cli {
namespace {

struct RunJobOptions {
  std::vector<std::string> files;
  JobOptions job;
};

// All files are read before the first job starts: a typo in the third must not wait for the second.
ExitCode run_jobs(const RunJobOptions& options, const Globals& globals) {
  const RunFlags flags = options.job.run_flags();
  std::vector<config::LoadedJob> jobs;
  std::vector<config::ConfigError> errors;
  const auto overrides = options.job.overrides();
  for (const std::string& file : options.files) {
    auto job = config::load_job(file, overrides);
    if (job)
      jobs.push_back(std::move(*job));
    else
      errors.insert(errors.end(), job.error().begin(), job.error().end());
  }
  if (!errors.empty()) return print_errors(errors);
  // A server doesn't care which job asks: the pause after one job's last fetch holds for the next.
  crawl::PolitenessBuckets buckets;
  ExitCode unwanted = ExitCode::ok;  // the others run all the same
  for (config::LoadedJob& job : jobs) {
    const std::string name = job.spec.name;
    if (jobs.size() > 1 && !globals.quiet) say("job {}\n", name);
    const ExitCode code = run_loaded(std::move(job), globals, "out/" + name, flags, &buckets);
    if (code == ExitCode::unwanted)
      unwanted = code;
    else if (code != ExitCode::ok && code != ExitCode::limit)
      return code;
    if (code == ExitCode::limit && jobs.size() == 1) return code;
  }
  return unwanted;
}

}  // namespace

void add_run(CLI::App& app, Invocation& invocation) {
  auto* command = app.add_subcommand("run", "run job files in the foreground");
  auto options = std::make_shared<RunJobOptions>();
  command->add_option("JOB.toml", options->files, "job files; see docs/jobs.md")->required();
  options->job.add_run_flags(*command);
  options->job.add_set(*command);
  command->footer("A second run continues where the first one stopped, or says that all is done.");
  command->callback([options, &invocation] {
    invocation.run = [options, &invocation] { return run_jobs(*options, invocation.globals); };
  });
}

}  // namespace trawl::service::cli
