// `trawl health`: whether a daemon answers, for a container's health check, where neither curl nor
// a shell need be.
#include "core/base/limits.hpp"
#include "core/coro/loop.hpp"
#include "core/http/client/session.hpp"
#include "core/http/message/body_sink.hpp"
#include "core/web/url/url.hpp"
#include "service/cli/command.hpp"
#include "service/cli/server_client.hpp"
#include "service/run/say.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>
#include <string>

namespace trawl::service::cli {
namespace {

struct HealthOptions {
  std::string server = usual_server();
  bool ready = false;
};

constexpr Millis timeout{4'000};

// A name is not looked up before the server's address is known to be meant: any may be.
coro::Task<ExitCode> ask(std::string url) {
  auto guard = http::AddressGuard::create({"0.0.0.0/0", "::/0"});
  if (!guard) throw Failure(guard.error());
  http::Session session{co_await coro::asio::this_coro::executor,
                        {.user_agent = "trawl/" TRAWL_VERSION,
                         .headers = {},
                         .accept_encoding = {},
                         .concurrency = 1,
                         .guard = std::move(*guard)}};
  http::Request request{.url = url, .headers = {}, .body = {}};
  request.timeouts.dns = request.timeouts.connect = request.timeouts.first_byte =
      request.timeouts.total = timeout;
  http::DiscardSink sink{limits::robots_bytes_max};
  auto fetching = session.fetch(std::move(request), sink);
  const auto response = co_await std::move(fetching);
  if (response && response->status == 200) co_return ExitCode::ok;
  say("trawl: {}: {}\n", url,
      response ? fmt::format("it answered {}", response->status) : response.error().message());
  co_return ExitCode::environment;
}

ExitCode run_health(const HealthOptions& options) {
  const auto server = web::Url::parse(server_url(options.server));
  if (!server || !server->is_http())
    throw Failure(Errc::usage, fmt::format("--server \"{}\": expected an address like "
                                           "http://127.0.0.1:8090",
                                           printable(options.server)));
  coro::Loop loop;
  return loop.run(ask(server->origin() + (options.ready ? "/readyz" : "/healthz")));
}

}  // namespace

void add_health(CLI::App& app, Invocation& invocation) {
  auto* command = app.add_subcommand("health", "whether a daemon answers; exit code 0 if it does");
  const auto options = std::make_shared<HealthOptions>();
  command
      ->add_option("--server", options->server,
                   "the daemon; default: where TRAWL_LISTEN says, else http://127.0.0.1:8090")
      ->option_text("URL");
  command->add_flag("--ready", options->ready, "whether it has loaded its jobs, too");
  command->callback(
      [options, &invocation] { invocation.run = [options] { return run_health(*options); }; });
}

}  // namespace trawl::service::cli
