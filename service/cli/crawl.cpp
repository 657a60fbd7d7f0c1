// `trawl crawl URL…`: a job without a file.
#include "core/base/result.hpp"
#include "service/cli/job_options.hpp"

#include <algorithm>
#include <memory>

namespace trawl::service::cli {
namespace {

struct CrawlOptions {
  std::vector<std::string> urls, files;
  std::vector<std::string> include, exclude, types;
  JobOptions job;
};

void add_patterns(CLI::App& command, CrawlOptions& options) {
  const auto add = [&command](const std::string& name, std::vector<std::string>& patterns,
                              const std::string& help) {
    command.add_option(name, patterns, help)
        ->option_text("PATTERN")
        ->take_all()
        ->allow_extra_args(false);
  };
  add("--include", options.include,
      "follow only links like '*/docs/*', pages that lead on too; repeatable");
  add("--exclude", options.exclude, "no URLs like '*/private/*' or re:\\.(zip|iso)$; repeatable");
}

ExitCode run_crawl(CrawlOptions& options, const Globals& globals) {
  std::ranges::for_each(options.files, refuse_what_is_no_list);
  RunFlags flags = options.job.run_flags();
  const auto urls = with_schemes(options.urls);
  const std::string folder = host_folder(urls, "crawled");
  options.job.put("seeds.urls", config::toml_list(urls), "URL");
  if (!options.files.empty())
    options.job.put("seeds.files", config::toml_list(options.files), "--input");
  const auto put_patterns = [&options](const char* key, const std::vector<std::string>& patterns,
                                       const char* flag) {
    if (!patterns.empty()) options.job.put(key, config::toml_list(patterns), flag);
  };
  put_patterns("scope.include", options.include, "--include");
  put_patterns("scope.exclude", options.exclude, "--exclude");
  put_patterns("output.types", options.types, "--types");
  auto job = config::load_job_without_file(folder, options.job.overrides());
  if (!job) return print_errors(job.error());
  const crawl::SeedSpec& seeds = job->spec.seeds;
  if (seeds.urls.empty() && seeds.files.empty() && seeds.sitemaps.urls.empty())
    throw Failure(Errc::usage, "crawl needs URLs to start from, or a list of them with -i FILE");
  flags.adds_seeds = true;  // a job file says all of what is wanted, a command what comes to it
  return run_loaded(std::move(*job), globals, folder, std::move(flags));
}

}  // namespace

void add_crawl(CLI::App& app, Invocation& invocation) {
  auto* command = app.add_subcommand("crawl", "crawl from the URLs, following links");
  auto options = std::make_shared<CrawlOptions>();
  command->add_option("URL", options->urls, "where to start");
  command
      ->add_option("-i,--input", options->files,
                   "a list of URLs to start from, one a line; .gz is read too, - is standard input")
      ->option_text("FILE")
      ->allow_extra_args(false);
  JobOptions& job = options->job;
  job.add_flag(*command, "-o,--output", "output.dir",
               "output folder; default: the host's name, or crawled", "DIR", true);
  job.add_flag(*command, "--depth", "scope.max_depth", "links to follow from a start URL", "N");
  job.add_flag(*command, "--max-pages", "limits.pages", "stop after so many pages", "N");
  job.add_flag(*command, "--scope", "scope.mode", "page, prefix, host, domain or any", "MODE");
  add_patterns(*command, *options);
  job.add_flag(*command, "--delay", "politeness.delay", "between fetches of a host, as 1s", "D");
  job.add_flag(*command, "--per-host", "politeness.per_host", "fetches at once on one host", "N");
  job.add_flag(*command, "--concurrency", "fetch.concurrency", "fetches in flight", "N");
  job.add_flag(*command, "--limit-rate", "limits.bandwidth", "receive no faster than, as 2MiB/s",
               "RATE");
  job.add_flag(*command, "--bodies", "output.bodies", "warc, files or none", "MODE");
  command
      ->add_option("--types", options->types, "bodies to keep: text/html,image/*,pdf; default: all")
      ->option_text("LIST")
      ->delimiter(',')
      ->allow_extra_args(false);
  job.add_convert_links(*command);
  command->add_flag_callback(
      "--sitemaps", [&job] { job.put("seeds.sitemaps", "auto", "--sitemaps"); },
      "also what the site's sitemaps list (robots.txt, /sitemap.xml)");
  job.add_run_flags(*command);
  job.add_set(*command);
  command->footer("A second run with the same folder continues where the first one stopped.");
  command->callback([options, &invocation] {
    invocation.run = [options, &invocation] { return run_crawl(*options, invocation.globals); };
  });
}

}  // namespace trawl::service::cli
