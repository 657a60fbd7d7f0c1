// What is sent is decided in event.cpp and delivery.cpp; here it is sent.
#include "service/hooks/hooks.hpp"

#include "core/base/clock.hpp"
#include "core/base/limits.hpp"
#include "core/base/log.hpp"
#include "core/base/log_job.hpp"
#include "core/coro/time.hpp"
#include "core/crawl/job/name_resolution.hpp"
#include "core/http/message/body_sink.hpp"
#include "core/web/url/url.hpp"
#include "service/hooks/command.hpp"
#include "service/hooks/delivery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <utility>

namespace trawl::service {
namespace {

constexpr std::size_t answer_bytes_max = 64 * 1024;
constexpr std::size_t deliveries_at_once = 4;

// The first line, which is all that counts.
std::string read_secret(const std::string& file) {
  if (file.empty()) return {};
  std::ifstream in{file, std::ios::binary};
  std::string text(limits::credentials_file_bytes_max, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  text.resize(std::min(text.find_first_of("\r\n"), text.size()));
  if (text.empty())
    throw Failure(Errc::config,
                  fmt::format("hooks.secret_file: {}: it can't be read, or its first line is empty",
                              printable(file)));
  return text;
}

http::AddressGuard guard_for(const std::vector<std::string>& networks) {
  auto guard = http::AddressGuard::create(networks);
  if (!guard) throw Failure(guard.error());
  return std::move(*guard);
}

http::dns::ResolverOptions names_for(const crawl::JobSpec& job) {
  auto names = crawl::name_resolution(job.fetch, 1);
  if (!names) throw Failure(names.error());
  return std::move(*names);
}

void warn_of_retry(const HookEvent& event, std::string_view place, std::string_view why,
                   Millis wait) {
  const LogJob speaking{event.job};
  log("hooks")->warn("on_{}: {} was not told: {}; once more in {} s", to_string(event.kind), place,
                     printable(why), wait.count() / 1000);
}

http::Request request_to(const std::string& url, const HookEvent& event, std::string_view secret,
                         Millis timeout) {
  const auto now = std::chrono::floor<std::chrono::seconds>(system_clock().wall());
  http::Request request{.url = url, .method = "POST", .body = hook_payload(event), .once = true};
  request.headers = hook_headers(hook_id(event), to_string(event.kind), secret,
                                 now.time_since_epoch().count(), request.body);
  request.timeouts.dns = request.timeouts.connect = request.timeouts.first_byte =
      request.timeouts.total = timeout;
  return request;
}

}  // namespace

Hooks::Hooks(const coro::Executor& executor, const crawl::JobSpec& job)
    : spec_(job.hooks),
      secret_(read_secret(spec_.secret_file)),
      session_(executor, {.user_agent = crawl::user_agent(job),
                          .headers = {},
                          .accept_encoding = {},
                          .concurrency = deliveries_at_once,
                          .guard = guard_for(spec_.allow_private_networks),
                          .dns = names_for(job)}) {}

const crawl::HookTarget& hook_target(const crawl::HookSpec& spec, HookKind kind) {
  switch (kind) {
    case HookKind::finish:
      return spec.on_finish;
    case HookKind::error:
      return spec.on_error;
    case HookKind::host_blocked:
      break;
  }
  return spec.on_host_blocked;
}

bool Hooks::wants(HookKind kind) const {
  return !hook_target(spec_, kind).off();
}

coro::Task<bool> Hooks::tell(HookEvent event) {
  const crawl::HookTarget& target = hook_target(spec_, event.kind);
  if (target.off()) co_return true;
  auto telling = target.url.empty() ? run_command(target, event) : post_webhook(target, event);
  co_return co_await std::move(telling);
}

coro::Task<bool> Hooks::post_webhook(const crawl::HookTarget& target, const HookEvent& event) {
  const auto url = web::Url::parse(target.url);
  if (!url) {
    const LogJob speaking{event.job};
    log("hooks")->error("on_{}: {} is no URL", to_string(event.kind), printable(target.url));
    co_return false;
  }
  const std::string place{url->origin()};  // what is behind it may be secret
  for (int attempt = 1;; ++attempt) {
    http::Request request =
        request_to(std::string{url->without_fragment()}, event, secret_, spec_.timeout);
    http::DiscardSink sink{answer_bytes_max};
    auto fetching = session_.fetch(std::move(request), sink);
    const auto response = co_await std::move(fetching);
    const int status = response ? response->status : 0;
    if (is_delivered(status)) co_return true;
    // What is refused here is refused the next time too.
    const bool refused = !response && response.error().code == Errc::private_address;
    const std::string_view retry_after =
        response ? http::find_header(response->headers, "Retry-After") : std::string_view{};
    const auto wait =
        refused ? std::nullopt : wait_before_retry(attempt, spec_.attempts, status, retry_after);
    std::string why = response ? fmt::format("it answered {}", status) : response.error().message();
    if (refused) why = "its address is not public; hooks.allow_private_networks can allow it";
    if (!wait) {
      const LogJob speaking{event.job};
      log("hooks")->error("on_{}: {} was not told, after {} of {} attempts: {}",
                          to_string(event.kind), place, attempt, spec_.attempts, printable(why));
      co_return false;
    }
    warn_of_retry(event, place, why, *wait);
    co_await coro::sleep_for(*wait);
  }
}

coro::Task<bool> Hooks::run_command(const crawl::HookTarget& target, const HookEvent& event) {
  HookCommand command{.words = target.command,
                      .environment = hook_environment(event),
                      .input = hook_payload(event) + "\n",
                      .timeout = spec_.timeout};
  auto running = run_hook_command(std::move(command));
  const auto ended = co_await std::move(running);
  if (!ended) {
    const LogJob speaking{event.job};
    log("hooks")->error("on_{}: {}", to_string(event.kind), printable(ended.error().detail));
  }
  co_return ended.has_value();
}

}  // namespace trawl::service
