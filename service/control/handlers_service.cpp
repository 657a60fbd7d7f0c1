// Liveness asks nobody: it is answered as long as this thread runs.
#include "core/web/ascii.hpp"
#include "service/control/event_hub.hpp"
#include "service/control/handlers.hpp"
#include "service/control/problem.hpp"
#include "service/control/services.hpp"
#include "service/text/json_writer.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <ranges>

namespace trawl::service::control {
namespace {

namespace ascii = web::ascii;

constexpr std::string_view plain_text = "text/plain; charset=utf-8";

constexpr std::array all_states{JobState::invalid, JobState::waiting,   JobState::running,
                                JobState::paused,  JobState::stopping,  JobState::finished,
                                JobState::limited, JobState::cancelled, JobState::failed};

std::uint64_t resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  std::uint64_t all = 0, resident = 0;
  statm >> all >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::string_view opaque(std::string_view tag) {
  return tag.starts_with("W/") ? tag.substr(2) : tag;
}

// RFC 9110 13.1.2: any of a list, compared weakly; a proxy may have weakened it.
bool none_matches(std::string_view field, std::string_view etag) {
  if (ascii::trim(field) == "*") return false;
  for (const auto part : std::views::split(field, ','))
    if (opaque(ascii::trim({part.begin(), part.end()})) == opaque(etag)) return false;
  return true;
}

}  // namespace

coro::Task<Reply> get_health(Services&, Request) {
  co_return Reply{.content_type = std::string{plain_text}, .body = "ok\n"};
}

coro::Task<Reply> get_readiness(Services& services, Request) {
  if (services.jobs.ready())
    co_return Reply{.content_type = std::string{plain_text}, .body = "ready\n"};
  co_return problem(503, "the daemon is starting or shutting down");
}

coro::Task<Reply> get_metrics(Services& services, Request) {
  if (!services.parts.metrics) co_return problem(404, "this daemon has no metrics");
  co_return Reply{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                  .body = services.metrics.get(services.clock.now(), services.parts.metrics)};
}

coro::Task<Reply> get_status(Services& services, Request) {
  auto looking = services.snapshot.get();
  const auto overview = co_await std::move(looking);
  if (!overview) co_return problem(overview.error());
  double pages_per_s = 0, bytes_per_s = 0;
  std::array<std::uint64_t, all_states.size()> counts{};
  for (const JobView& job : (*overview)->jobs) {
    pages_per_s += job.pages_per_s;
    bytes_per_s += job.bytes_per_s;
    ++counts[static_cast<std::size_t>(job.state)];
  }
  const auto uptime =
      std::chrono::duration_cast<std::chrono::seconds>(services.clock.now() - services.started);
  Reply reply;
  JsonWriter json{reply.body};
  json.begin_object().key("version").text(TRAWL_VERSION).key("uptime_s").integer(uptime.count());
  json.key("resident_bytes").count(resident_bytes()).key("jobs").begin_object();
  for (const JobState state : all_states)
    json.key(to_string(state)).count(counts[static_cast<std::size_t>(state)]);
  json.end_object().key("pages_per_s").number(pages_per_s);
  json.key("bytes_per_s").number(bytes_per_s).end_object();
  co_return reply;
}

coro::Task<Reply> get_events(Services& services, Request request) {
  if (std::string job{request.query.get("job")}; !job.empty()) {
    auto finding = services.jobs.find(std::move(job));
    const auto found = co_await std::move(finding);
    if (!found) co_return problem(found.error());
  }
  auto permit = services.listeners.try_acquire();
  if (!permit)
    co_return problem(503, fmt::format("{} clients listen to events already", bounds::events_max));
  auto subscription =
      std::make_unique<Subscription>(services.events, std::string{request.query.get("job")});
  Reply reply{.content_type = "text/event-stream", .endless = true};
  reply.fields.emplace_back("X-Accel-Buffering", "no");
  reply.pieces = event_text(std::move(subscription), std::move(*permit));
  co_return std::move(reply);
}

coro::Task<Reply> get_asset(Services& services, Request request) {
  const auto asset = services.parts.assets ? services.parts.assets(request.path) : std::nullopt;
  if (!asset) co_return problem(404, "there is nothing of that name; the API is under /api/v1");
  Reply reply{.content_type = std::string{asset->content_type}, .is_page = true};
  if (!asset->etag.empty()) reply.fields.emplace_back("ETag", asset->etag);
  if (!asset->etag.empty() && !none_matches(request.if_none_match, asset->etag))
    reply.status = 304;
  else
    reply.body = asset->body;
  co_return std::move(reply);
}

}  // namespace trawl::service::control
