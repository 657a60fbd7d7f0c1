#pragma once
// A request as handlers get it, and what they answer.

#include "core/coro/generator.hpp"
#include "core/coro/semaphore.hpp"
#include "service/control/query_string.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace trawl::service::control {

struct Request {
  std::string path;  // decoded
  std::string job;   // of "/api/v1/jobs/{name}…", decoded
  QueryString query;
  std::string content_type;  // lower case, without parameters
  std::string if_none_match;
  std::string body;
};

struct Reply {
  unsigned status = 200;
  std::string content_type = "application/json";  // empty: no body
  std::vector<std::pair<std::string, std::string>> fields = {};
  std::string policy = {};  // Content-Security-Policy instead of the usual one
  std::string body = {};
  // Instead of body: one that others have as well.
  std::shared_ptr<const std::string> shared_body = {};
  // Instead of body: written piece by piece, each asked for when the one before has been taken.
  std::optional<coro::AsyncGenerator<std::string>> pieces = {};
  bool endless = false;      // the stream goes on until the client goes
  coro::Permit permit = {};  // given back when the answer has been taken
  bool is_page = false;      // a file of the dashboard
};

}  // namespace trawl::service::control
