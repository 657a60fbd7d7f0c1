#pragma once
// A control server on a thread, with jobs in memory behind it.

#include "core/coro/loop.hpp"
#include "service/control/server.hpp"
#include "tests/support/fake_jobs.hpp"

#include <concepts>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>

namespace trawl::test {

class RunningServer {
 public:
  using Parts = service::control::ControlServer::Parts;

  explicit RunningServer(std::string token = {})
      : RunningServer([&token](Parts& parts) { parts.token = std::move(token); }) {}

  // change: of the parts, before the server is made.
  template <class F>
    requires std::invocable<F, Parts&>
  explicit RunningServer(F change) : server_(make(change)) {
    service::JobView docs{.name = "docs", .state = service::JobState::running, .mode = "crawl"};
    jobs.add(std::move(docs));
    thread_ = std::thread([this] {
      try {
        loop_.run(server_.run());
      } catch (const boost::system::system_error&) {
        // Cancelled, as it ends.
      }
    });
  }
  ~RunningServer() {
    loop_.cancel();
    thread_.join();
  }
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  std::uint16_t port() const { return server_.port(); }
  std::string address() const { return server_.addresses().front(); }

  support::FakeJobs jobs;

 private:
  template <class F>
  Parts make(F& change) {
    Parts parts{.jobs = jobs, .clock = system_clock(), .listen = {"127.0.0.1:0"}};
    change(parts);
    return parts;
  }

  service::control::ControlServer server_;
  coro::Loop loop_;
  std::thread thread_;
};

}  // namespace trawl::test
