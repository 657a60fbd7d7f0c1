// `trawl demo`: something to see without a network: a built-in site on loopback, and a crawl of it.
#include "core/base/result.hpp"
#include "core/coro/group.hpp"
#include "core/coro/loop.hpp"
#include "service/cli/job_options.hpp"
#include "service/demo/hostile_report.hpp"
#include "service/demo/hostile_site.hpp"
#include "service/demo/server.hpp"
#include "service/run/foreground.hpp"
#include "service/run/say.hpp"

#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace trawl::service::cli {
namespace {

struct DemoOptions {
  bool serve_only = false;
  bool hostile = false;
  std::size_t pages = demo::pages_default;
  std::uint16_t port = 0;
  JobOptions job;
};

std::string fresh_folder() {
  std::string name = "/tmp/trawl-demo-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw Failure(Errc::io, "can't make a folder in /tmp");
  return name;
}

// Server: of the manual or of the hostile site.
template <class Server>
coro::Task<> serve_until_signal(Server& server, coro::Group& group) {
  group.spawn(server.serve());
  fmt::print("{}/\n", server.origin());
  std::fflush(stdout);
  const auto executor = co_await coro::asio::this_coro::executor;
  coro::asio::signal_set signals{executor, SIGINT, SIGTERM};
  co_await signals.async_wait(coro::asio::use_awaitable);
  group.cancel();
}

template <class Server>
coro::Task<> serve_and_crawl(Server& server, config::LoadedJob& job, bool quiet, ExitCode& code,
                             coro::Group& group) {
  group.spawn(server.serve());
  RunOptions options{.quiet = quiet, .settings = config::print_job(job)};
  auto running = run_job(job.spec, std::move(options));
  code = co_await std::move(running);
  group.cancel();
}

using Settings = std::vector<std::pair<std::string, std::string>>;

Settings manual_settings() {
  return {{"politeness.delay", "0s"},
          {"politeness.adaptive", "off"},
          {"politeness.per_host", "8"},
          {"fetch.allow_private_networks", "[\"127.0.0.0/8\"]"},
          {"limits.min_free_disk", "off"}};
}

config::Loaded<config::LoadedJob> demo_job(DemoOptions& options, const std::string& origin,
                                           const Settings& settings) {
  config::Overrides overrides = options.job.overrides();
  const std::vector<std::string> seeds{origin + "/"};
  std::vector<config::Override> fixed{{"seeds.urls", config::toml_list(seeds), "demo"}};
  for (const auto& [key, value] : settings) fixed.push_back({key, value, "demo"});
  overrides.options.insert(overrides.options.begin(), fixed.begin(), fixed.end());
  return config::load_job_without_file("demo", overrides);
}

ExitCode run_hostile(DemoOptions& options, const Globals& globals) {
  coro::Loop loop;
  demo::ScriptServer server{loop.executor(), demo::hostile_answer, {.port = options.port}};
  if (options.serve_only) {
    loop.run(coro::with_group(serve_until_signal<demo::ScriptServer>, std::ref(server)));
    return ExitCode::ok;
  }
  auto job = demo_job(options, server.origin(), demo::hostile_settings());
  if (!job) return print_errors(job.error());
  if (job->spec.output.dir.empty()) job->spec.output.dir = fresh_folder();
  if (!globals.quiet)
    say("a site that does all that servers should not is served at {}/ and crawled into {}\n",
        server.origin(), job->spec.output.dir);
  ExitCode code = ExitCode::ok;
  loop.run(coro::with_group(serve_and_crawl<demo::ScriptServer>, std::ref(server), std::ref(*job),
                            globals.quiet, std::ref(code)));
  if (code != ExitCode::ok) return code;
  const auto records = demo::read_all_records(job->spec.output.dir);
  fmt::print("{}", demo::report_hostile(records, server.origin()).text);
  return code;
}

ExitCode run_demo(DemoOptions& options, const Globals& globals) {
  if (options.hostile) return run_hostile(options, globals);
  coro::Loop loop;
  demo::Server server{loop.executor(), demo::Site{options.pages}, options.port};
  if (options.serve_only) {
    loop.run(coro::with_group(serve_until_signal<demo::Server>, std::ref(server)));
    return ExitCode::ok;
  }
  auto job = demo_job(options, server.origin(), manual_settings());
  if (!job) return print_errors(job.error());
  if (job->spec.output.dir.empty()) job->spec.output.dir = fresh_folder();
  if (!globals.quiet)
    say("a site of {} pages is served at {}/ and crawled into {}\n", options.pages, server.origin(),
        job->spec.output.dir);
  ExitCode code = ExitCode::ok;
  loop.run(coro::with_group(serve_and_crawl<demo::Server>, std::ref(server), std::ref(*job),
                            globals.quiet, std::ref(code)));
  if (!globals.quiet && code == ExitCode::ok)
    say("next: trawl results {0} --format table --limit 10\n"
        "      trawl cat {0} {1}/ | head\n"
        "      trawl crawl https://example.org/\n",
        job->spec.output.dir, server.origin());
  return code;
}

}  // namespace

void add_demo(CLI::App& app, Invocation& invocation) {
  auto* command = app.add_subcommand("demo", "serve a small built-in web site and crawl it");
  auto options = std::make_shared<DemoOptions>();
  command->add_flag("--serve-only", options->serve_only,
                    "serve it until Ctrl-C, print its address");
  command->add_flag("--hostile", options->hostile,
                    "a site of servers that misbehave instead; says what was recorded of each");
  command->add_option("--pages", options->pages, "size of the site")->check(CLI::Range(1, 100'000));
  command->add_option("--port", options->port, "of the server; default: a free one");
  options->job.add_flag(*command, "-o,--output", "output.dir",
                        "output folder; default: a new one in /tmp", "DIR", true);
  options->job.add_set(*command);
  command->callback([options, &invocation] {
    invocation.run = [options, &invocation] { return run_demo(*options, invocation.globals); };
  });
}

}  // namespace trawl::service::cli
