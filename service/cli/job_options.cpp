// Flags are nothing but short names for keys, so the job file's checks and messages hold for them.
#include "service/cli/job_options.hpp"

#include "config/daemon.hpp"
#include "config/key.hpp"
#include "config/warnings.hpp"
#include "core/base/log.hpp"
#include "core/base/result.hpp"
#include "core/coro/loop.hpp"
#include "core/web/url/host.hpp"
#include "core/web/url/url.hpp"
#include "service/hooks/hooks.hpp"
#include "service/run/foreground.hpp"
#include "service/run/say.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>

namespace trawl::service::cli {
namespace {

constexpr std::size_t warning_bytes_max = 1000;

}  // namespace

void JobOptions::add_set(CLI::App& command) {
  command
      .add_option_function<std::vector<std::string>>(
          "--set", [this](const std::vector<std::string>& values) { sets_ = values; },
          "set any key of the job file, as in fetch.timeout_total=30s; repeatable")
      ->option_text("KEY=VALUE")
      ->take_all()
      ->allow_extra_args(false);
}

namespace {

// "; default: 1s", of a key of the job file.
std::string default_words(const std::string& path) {
  const auto [key, entry] = config::find_key(path);
  if (key == nullptr) return {};
  const auto values = key->print(crawl::JobSpec{});
  if (values.size() != 1) return {};
  std::string text = values.front().text;
  std::erase(text, '"');
  return text.empty() ? std::string{} : "; default: " + text;
}

}  // namespace

void JobOptions::add_flag(CLI::App& command, const std::string& names, const std::string& key,
                          const std::string& help, const std::string& value_name, bool literal) {
  const std::string source = names.substr(names.rfind(',') + 1);
  command
      .add_option_function<std::string>(
          names,
          [this, key, source, literal](const std::string& value) {
            put(key, value, source, literal);
          },
          help + (literal ? std::string{} : default_words(key)))
      ->option_text(value_name);
}

void JobOptions::add_convert_links(CLI::App& command) {
  command.add_flag_callback(
      "--convert-links", [this] { put("output.convert_links", "true", "--convert-links"); },
      "at the end make DIR/offline, to be read without a network");
}

void JobOptions::add_run_flags(CLI::App& command) {
  auto* all = command.add_flag("--again", again_,
                               "fetch anew what the folder's earlier runs fetched or failed to");
  command
      .add_flag("--retry-failed", retry_failed_,
                "fetch once more what the folder's earlier runs failed to fetch, or got 429, 503 "
                "and the like for")
      ->excludes(all);
  command
      .add_option("--fail-on", fail_on_,
                  "end with exit code 12 when the folder has such URLs: "
                  "failed,excluded,truncated,404,5xx,robots")
      ->option_text("LIST");
}

RunFlags JobOptions::run_flags() const {
  RunFlags flags;
  if (retry_failed_) flags.again = crawl::Again::failed;
  if (again_) flags.again = crawl::Again::all;
  if (!fail_on_) return flags;
  auto fail_on = FailOn::parse(*fail_on_);
  if (!fail_on) throw Failure(fail_on.error());
  flags.fail_on = std::move(*fail_on);
  return flags;
}

void JobOptions::put(std::string key, std::string value, std::string source, bool literal) {
  options_.push_back({std::move(key), std::move(value), std::move(source), literal});
}

config::Overrides JobOptions::overrides() const {
  const auto is_output = [](const config::Override& option) {
    return option.key == "output.dir" && option.value == "-";
  };
  if (std::ranges::any_of(options_, is_output))
    throw Failure(
        Errc::usage,
        "-o wants a folder; once it is there, trawl cat DIR URL writes a body to standard "
        "output");
  config::Overrides overrides{
      .environment = config::job_environment(config::trawl_environment(environ)),
      .options = options_};
  for (const std::string& text : sets_) {
    auto set = config::parse_set(text);
    if (!set) throw Failure(Errc::usage, config::format_error(set.error()));
    overrides.options.push_back(std::move(*set));
  }
  return overrides;
}

namespace {

// A file's name would be looked up as a host's.
void refuse_path(const std::string& text) {
  std::error_code unknown;
  const bool is_path = text.starts_with('/') || text.starts_with("./") || text.starts_with("../");
  const bool is_file = std::filesystem::is_regular_file(text, unknown);
  const std::string name = printable(text);
  if (is_path && !is_file)
    throw Failure(Errc::usage, fmt::format("{} is no URL, nor a file that is there", name));
  if (is_path)
    throw Failure(Errc::usage,
                  fmt::format("{0} is a file and no URL; -i {0} reads a list of URLs", name));
  if (is_file)
    throw Failure(Errc::usage, fmt::format("there is a file {0} here; -i {0} reads a list of URLs, "
                                           "and http://{0} means the host",
                                           name));
}

}  // namespace

std::vector<std::string> with_schemes(std::vector<std::string> urls) {
  for (std::string& url : urls) {
    if (url.contains("://")) continue;
    refuse_path(url);
    url.insert(0, "http://");
  }
  return urls;
}

std::string host_folder(const std::vector<std::string>& urls, const std::string& otherwise) {
  if (urls.empty()) return otherwise;
  const auto url = web::Url::parse(urls.front());
  if (!url || url->hostname().empty()) return otherwise;
  std::string name = web::host_key(*url);
  std::ranges::replace(name, ':', '_');
  std::erase_if(name, [](char c) { return c == '[' || c == ']'; });
  return name;
}

void refuse_what_is_no_list(const std::string& file) {
  std::error_code error;
  if (file == "-") return;
  if (!std::filesystem::exists(file, error))
    throw Failure(Errc::usage, fmt::format("there is no list {}", file));
  if (std::filesystem::is_directory(file, error))
    throw Failure(Errc::usage, fmt::format("{} is a folder; name a list", file));
}

ExitCode print_errors(const std::vector<config::ConfigError>& errors) {
  for (const auto& error : errors) say("{}\n", config::format_error(error));
  const bool only_flags = std::ranges::all_of(errors, [](const config::ConfigError& error) {
    return error.file.starts_with("--") && error.file != "--set";
  });
  return only_flags ? ExitCode::usage : ExitCode::config;
}

ExitCode run_loaded(config::LoadedJob job, const Globals& globals, const std::string& default_dir,
                    RunFlags flags, crawl::PolitenessBuckets* buckets) {
  for (const config::ConfigError& warning : config::warnings_of(job))
    log("config")->warn("{}", printable(config::format_error(warning), warning_bytes_max));
  RunOptions options{.quiet = globals.quiet,
                     .progress_in_log = globals.log_format == LogFormat::json,
                     .again = flags.again,
                     .adds_seeds = flags.adds_seeds,
                     .fail_on = std::move(flags.fail_on),
                     .buckets = buckets,
                     .settings = config::print_job(job)};
  if (job.spec.output.dir.empty()) job.spec.output.dir = default_dir;
  coro::Loop loop;
  const crawl::JobSpec spec = std::move(job.spec);
  return loop.run(run_with_hooks(spec, [&](crawl::OnHostEvent on_host_event) {
    options.on_host_event = std::move(on_host_event);
    return run_job(spec, std::move(options));
  }));
}

}  // namespace trawl::service::cli
