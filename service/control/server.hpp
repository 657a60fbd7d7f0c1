#pragma once
// ControlServer: the daemon's HTTP/1.1 interface, on a thread of its own that yields to the crawl.
// docs/api.md is its users' page, docs/openapi.yaml its contract, routes.cpp the table of both.
//
// What a client does stays its own affair: every head, body, queue, wait and number of clients is
// bounded (limits.hpp beside this), and a slow reader makes only its own answer wait.

#include "core/base/clock.hpp"
#include "core/coro/task.hpp"
#include "service/control/asset.hpp"
#include "service/daemon/jobs.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::service::control {

class ControlServer {
 public:
  struct Parts {
    Jobs& jobs;  // outlives the server
    Clock& clock;
    std::vector<std::string> listen;      // "127.0.0.1:8090", "[::1]:8090"; port 0: a free one
    std::vector<int> inherited = {};      // listening sockets that systemd passed on; taken over
    std::string token = {};               // empty: none is asked for
    std::vector<std::string> names = {};  // for Host, besides addresses and localhost
    std::function<std::string()> metrics = {};  // Prometheus text; called on the server's thread
    std::function<std::optional<Asset>(std::string_view path)> assets = {};  // "/", "/app.js", …
    // Processor time of the whole process; empty: the API need not leave any to a crawl.
    std::function<std::chrono::nanoseconds()> process_cpu = {};
  };

  // Listens at once. Throws Failure{config} for an address that is none, or that is not loopback
  // while there is no token; Failure{io} when a port is taken.
  explicit ControlServer(Parts parts);
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  const std::vector<std::string>& addresses() const;  // "127.0.0.1:8090", as they are listened on
  std::uint16_t port() const;                         // of the first

  // Serves until it is cancelled; event streams end then, answers under way are given up.
  coro::Task<> run();

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace trawl::service::control
