// `trawl fetch`: exactly these URLs; a list is read as a stream.
#include "core/base/result.hpp"
#include "service/cli/job_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>

namespace trawl::service::cli {
namespace {

struct FetchOptions {
  std::vector<std::string> urls;
  std::vector<std::string> files;
  JobOptions job;
};

// Before anything is made for it.
void refuse_what_is_no_list(const std::string& file) {
  std::error_code error;
  if (file == "-") return;
  if (!std::filesystem::exists(file, error))
    throw Failure(Errc::usage, fmt::format("there is no list {}", file));
  if (std::filesystem::is_directory(file, error))
    throw Failure(Errc::usage, fmt::format("{} is a folder; name a list", file));
}

ExitCode run_fetch(FetchOptions& options, const Globals& globals) {
  std::ranges::for_each(options.files, refuse_what_is_no_list);
  RunFlags flags = options.job.run_flags();
  const auto urls = with_schemes(options.urls);
  const std::string folder = host_folder(urls, "fetched");
  options.job.put("job.mode", "fetch", "fetch");
  options.job.put("seeds.urls", config::toml_list(urls), "URL");
  options.job.put("seeds.files", config::toml_list(options.files), "--input");
  auto job = config::load_job_without_file(folder, options.job.overrides());
  if (!job) return print_errors(job.error());
  const crawl::SeedSpec& seeds = job->spec.seeds;
  if (seeds.urls.empty() && seeds.files.empty() && seeds.sitemaps.urls.empty())
    throw Failure(Errc::usage,
                  "fetch needs URLs, a list of them with -i FILE, or sitemaps in seeds.sitemaps");
  return run_loaded(std::move(*job), globals, folder, std::move(flags));
}

}  // namespace

void add_fetch(CLI::App& app, Invocation& invocation) {
  auto* command = app.add_subcommand("fetch", "fetch exactly these URLs, following no links");
  auto options = std::make_shared<FetchOptions>();
  command->add_option("URL", options->urls, "what to fetch");
  command
      ->add_option("-i,--input", options->files,
                   "a list, one URL or JSON object a line, a SHA256SUMS or a Metalink document "
                   "(.meta4); .gz is read too, - is standard input")
      ->option_text("FILE")
      ->allow_extra_args(false);
  JobOptions& job = options->job;
  job.add_flag(*command, "--base", "seeds.base",
               "what relative lines of lists are relative to, and the files of a SHA256SUMS",
               "URL");
  job.add_flag(*command, "-o,--output", "output.dir", "output folder; default: the host's name",
               "DIR", true);
  job.add_flag(*command, "--bodies", "output.bodies", "files, warc or none", "MODE");
  job.add_flag(*command, "--delay", "politeness.delay", "between fetches of a host, as 1s", "D");
  job.add_flag(*command, "--per-host", "politeness.per_host", "fetches at once on one host", "N");
  job.add_flag(*command, "--concurrency", "fetch.concurrency", "fetches in flight", "N");
  job.add_flag(*command, "--limit-rate", "limits.bandwidth", "receive no faster than, as 2MiB/s",
               "RATE");
  job.add_convert_links(*command);
  job.add_run_flags(*command);
  job.add_set(*command);
  command->footer(
      "A line of a list may be a JSON object (docs/fetch.md):\n"
      "  {\"url\": \"https://example.org/q\", \"method\": \"POST\", \"body\": \"a=1\"}\n"
      "  {\"urls\": [\"https://a.example/f\", \"https://b.example/f\"], \"sha256\": "
      "\"9f86d0...\"}\n"
      "Large files, continued where they break off:\n"
      "  trawl fetch -i LIST --bodies files --set fetch.timeout_total=6h");
  command->callback([options, &invocation] {
    invocation.run = [options, &invocation] { return run_fetch(*options, invocation.globals); };
  });
}

}  // namespace trawl::service::cli
