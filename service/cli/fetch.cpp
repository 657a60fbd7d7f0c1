// `trawl fetch`: exactly these URLs; a list is read as a stream.
#include "config/check.hpp"
#include "core/base/limits.hpp"
#include "core/base/log.hpp"
#include "core/base/result.hpp"
#include "core/crawl/job/list_line.hpp"
#include "core/crawl/job/url_text.hpp"
#include "core/http/message/message.hpp"
#include "core/web/utf8.hpp"
#include "service/cli/job_options.hpp"
#include "service/text/base64.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <system_error>

namespace trawl::service::cli {
namespace {

struct FetchOptions {
  std::vector<std::string> urls;
  std::vector<std::string> files;
  std::vector<std::string> headers;
  std::string method;
  std::vector<std::string> data;
  JobOptions job;

  bool has_request() const { return !method.empty() || !data.empty() || !headers.empty(); }
};

// "@FILE" is what is in a file, as it is; "@-" is standard input.
std::string data_of(const std::string& data) {
  if (!data.starts_with('@')) return data;
  const std::string file = data.substr(1);
  std::error_code unknown;
  std::ifstream named;
  if (file != "-" && !std::filesystem::is_directory(file, unknown))
    named.open(file, std::ios::binary);
  if (file != "-" && !named.is_open())
    throw Failure(Errc::usage, fmt::format("--data: can't open {}", printable(file)));
  std::istream& input = file == "-" ? std::cin : named;
  std::string bytes(limits::list_line_bytes_max + 1, '\0');
  input.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(input.gcount()));
  if (bytes.size() > limits::list_line_bytes_max)
    throw Failure(Errc::usage, fmt::format("--data: {} has more than {} bytes", printable(file),
                                           limits::list_line_bytes_max));
  return bytes;
}

std::string body_of(const FetchOptions& options) {
  std::string body;
  for (const std::string& data : options.data)
    body.append(body.empty() ? "" : "&").append(data_of(data));
  return body;
}

// The URLs as lines of a list would have them.
std::vector<std::string> requests_for(const std::vector<std::string>& urls,
                                      const FetchOptions& options) {
  boost::json::object request;
  boost::json::object headers;
  for (const std::string& header : options.headers) {
    const auto colon = header.find(':');
    if (colon == std::string::npos || colon == 0)
      throw Failure(Errc::usage, "--header wants \"Name: value\"");
    if (!web::utf8::is_valid(header))
      throw Failure(Errc::usage, fmt::format("--header {}: its value is not UTF-8",
                                             printable(header.substr(0, colon))));
    headers[header.substr(0, colon)] = header.substr(colon + 1);
  }
  if (!options.data.empty()) {
    const std::string body = body_of(options);
    web::utf8::is_valid(body) ? request["body"] = body
                              : request["body_base64"] = encode_base64(body);
    const bool typed = std::ranges::any_of(
        headers, [](const auto& field) { return http::same_name(field.key(), "content-type"); });
    if (!typed) headers["Content-Type"] = "application/x-www-form-urlencoded";
  }
  if (!headers.empty()) request["headers"] = std::move(headers);
  const std::string_view usual = options.data.empty() ? "GET" : "POST";
  request["method"] = options.method.empty() ? usual : std::string_view{options.method};
  std::vector<std::string> lines;
  for (std::string url : urls) {
    if (const std::string expected = config::check_seed_url(url); !expected.empty())
      throw Failure(Errc::usage, fmt::format("expected {}, found \"{}\"", expected,
                                             printable(crawl::without_user(url))));
    request["url"] = url;
    lines.push_back(boost::json::serialize(request));
    if (const auto line = crawl::parse_list_line(lines.back()); !line)
      throw Failure(Errc::usage, line.error().detail);
  }
  return lines;
}

ExitCode run_fetch(FetchOptions& options, const Globals& globals) {
  std::ranges::for_each(options.files, refuse_what_is_no_list);
  RunFlags flags = options.job.run_flags();
  const auto urls = with_schemes(options.urls);
  const std::string folder = host_folder(urls, "fetched");
  options.job.put("job.mode", "fetch", "fetch");
  if (options.has_request() && urls.empty())
    throw Failure(Errc::usage,
                  "--method, --data and --header are for URLs that stand here; lines of a list say "
                  "it themselves, in JSON");
  if (options.has_request())
    options.job.put("seeds.requests", config::toml_list(requests_for(urls, options)), "URL");
  else
    options.job.put("seeds.urls", config::toml_list(urls), "URL");
  options.job.put("seeds.files", config::toml_list(options.files), "--input");
  auto job = config::load_job_without_file(folder, options.job.overrides());
  if (!job) return print_errors(job.error());
  const crawl::SeedSpec& seeds = job->spec.seeds;
  if (seeds.urls.empty() && seeds.files.empty() && seeds.requests.empty() &&
      seeds.sitemaps.urls.empty())
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
  command
      ->add_option("-X,--method", options->method,
                   "of the request; default: GET, or POST with --data")
      ->option_text("METHOD");
  command
      ->add_option("-d,--data", options->data,
                   "the request's body, @FILE for what is in a file, several joined by &; a form, "
                   "unless -H says what it is")
      ->option_text("DATA")
      ->take_all()
      ->allow_extra_args(false);
  command
      ->add_option("-H,--header", options->headers,
                   "a header of the request, 'Name: value'; repeatable")
      ->option_text("HEADER")
      ->take_all()
      ->allow_extra_args(false);
  JobOptions& job = options->job;
  job.add_flag(*command, "--base", "seeds.base",
               "what relative lines of lists are relative to, and the files of a SHA256SUMS",
               "URL");
  job.add_flag(*command, "-o,--output", "output.dir",
               "output folder; default: the host's name, or fetched", "DIR", true);
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
      "  trawl fetch -i LIST --bodies files --set fetch.timeout_total=6h\n"
      "The exit code is 0 when all was asked for, whatever the answers; for scripts:\n"
      "  trawl fetch URL --fail-on failed,excluded,4xx,5xx   # 12 when there are such");
  command->callback([options, &invocation] {
    invocation.run = [options, &invocation] { return run_fetch(*options, invocation.globals); };
  });
}

}  // namespace trawl::service::cli
