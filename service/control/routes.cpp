// One line a route; the rest of this file finds the line.
#include "service/control/routes.hpp"

#include "service/control/bounds.hpp"
#include "service/control/handlers.hpp"

#include <algorithm>

namespace trawl::service::control {
namespace {

constexpr std::string_view json = "application/json";
constexpr std::string_view job_media = "application/toml text/plain application/json -";
constexpr std::string_view patch_media = "application/json application/merge-patch+json";
constexpr std::string_view urls_media = "application/json text/plain";
constexpr std::string_view filter =
    "state status host type url since changed_since error note live limit after";

// clang-format off
constexpr Route all_routes[] = {
    {"GET", "/healthz", get_health, {}, {}, Access::open},
    {"GET", "/readyz", get_readiness, {}, {}, Access::open},
    {"GET", "/metrics", get_metrics},
    {"GET", "/api/v1/status", get_status},
    {"GET", "/api/v1/events", get_events, "job"},
    {"GET", "/api/v1/jobs", get_jobs},
    {"POST", "/api/v1/jobs", post_job, "name", job_media},
    {"GET", "/api/v1/jobs/{name}", get_job},
    {"PATCH", "/api/v1/jobs/{name}", patch_job, {}, patch_media},
    {"DELETE", "/api/v1/jobs/{name}", delete_job, "data"},
    {"POST", "/api/v1/jobs/{name}/pause", post_pause},
    {"POST", "/api/v1/jobs/{name}/resume", post_resume},
    {"POST", "/api/v1/jobs/{name}/cancel", post_cancel},
    {"POST", "/api/v1/jobs/{name}/run", post_run},
    {"POST", "/api/v1/jobs/{name}/urls", post_urls, {}, urls_media},
    {"GET", "/api/v1/jobs/{name}/results", get_results, filter},
    {"GET", "/api/v1/jobs/{name}/hosts", get_hosts, "limit"},
    {"GET", "/api/v1/jobs/{name}/runs", get_runs, "limit"},
    {"GET", "/api/v1/jobs/{name}/changes", get_changes, "since after"},
    {"GET", "/api/v1/jobs/{name}/explain", get_explain, "url"},
    {"GET", "/api/v1/jobs/{name}/record", get_record, "url"},
    {"GET", "/api/v1/jobs/{name}/body", get_body, "url"},
    {"POST", "/api/v1/fetch", post_fetch, {}, json, Access::token,
     bounds::fetch_time_max + bounds::answer_time_max},
};
// clang-format on

constexpr Route asset_route{"GET", "/{file}", get_asset, {}, {}, Access::open};
constexpr std::string_view variable = "{name}";

// Segment by segment, so that an encoded "/" stays part of a name.
bool fits(std::string_view pattern, std::string_view path, std::string_view& job) {
  for (;;) {
    const std::size_t pattern_end = std::min(pattern.find('/', 1), pattern.size());
    const std::size_t path_end = std::min(path.find('/', 1), path.size());
    const std::string_view expected = pattern.substr(0, pattern_end);
    const std::string_view found = path.substr(0, path_end);
    if (expected.substr(1) == variable) {
      if (found.size() < 2) return false;
      job = found.substr(1);
    } else if (expected != found) {
      return false;
    }
    pattern.remove_prefix(pattern_end);
    path.remove_prefix(path_end);
    if (pattern.empty() || path.empty()) return pattern.empty() && path.empty();
  }
}

void add_method(std::string& allow, std::string_view method) {
  allow += allow.empty() ? "" : ", ";
  allow += method == "GET" ? "GET, HEAD" : method;
}

}  // namespace

std::span<const Route> routes() {
  return all_routes;
}

Match find_route(std::string_view method, std::string_view path) {
  Match match;
  if (!path.starts_with('/')) return match;
  if (method == "HEAD") method = "GET";
  for (const Route& route : all_routes) {
    std::string_view job;
    if (!fits(route.pattern, path, job)) continue;
    add_method(match.allow, route.method);
    if (route.method != method) continue;
    match.route = &route;
    const auto decoded = decode_percent(job, false);
    match.job = decoded ? *decoded : std::string{job};
  }
  if (match.allow.empty() && !path.starts_with("/api/")) {
    match.allow = "GET, HEAD";
    if (method == "GET") match.route = &asset_route;
  }
  return match;
}

}  // namespace trawl::service::control
