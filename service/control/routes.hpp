#pragma once
// The table of everything that can be asked; docs/openapi.yaml describes the same, and a test
// compares them.

#include "core/coro/task.hpp"
#include "service/control/message.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace trawl::service::control {

struct Services;

using Handler = coro::Task<Reply> (*)(Services&, Request);

enum class Access : std::uint8_t {
  token,  // asked for when one is configured
  open,   // never asked for: says nothing about jobs
};

struct Route {
  std::string_view method;   // GET is HEAD too
  std::string_view pattern;  // "/api/v1/jobs/{name}/urls"
  Handler handler;
  std::string_view parameters = {};  // of the query, with spaces between
  std::string_view media = {};       // of the body, with spaces between; "-": or none said
  Access access = Access::token;
  std::chrono::seconds time_max{30};

  bool changes_state() const { return method != "GET"; }
  // Of the queue that forms when the API is asked for more than its share of the processors.
  bool goes_ahead() const { return changes_state() || access == Access::open; }
};

std::span<const Route> routes();

// What a method and a path lead to. allow: the methods that the path knows, as Allow has it; empty
// when there is no such path. job: the part at {name}, decoded.
struct Match {
  const Route* route = nullptr;
  std::string allow;
  std::string job;
};
// path: as sent, without the query.
Match find_route(std::string_view method, std::string_view path);

}  // namespace trawl::service::control
