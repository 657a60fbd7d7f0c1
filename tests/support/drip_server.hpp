#pragma once
// A server for very many slow answers at once: one thread, one epoll set, a few hundred bytes a
// connection. Paths that begin with "/slow" are answered bit by bit, "/fast" at once, others with
// 404. It listens on one port of 127.0.0.1 and of 127.0.1.1, 127.0.1.2 and so on, so that a client
// sees many hosts.

#include "core/base/clock.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace trawl::support {

struct DripOptions {
  int hosts = 8;  // besides 127.0.0.1; at most 250
  int drips = 3;  // of a slow body
  std::size_t drip_bytes = 64;
  Millis drip_every{1000};
  std::size_t begin_at = 0;  // slow answers: nobody gets a drip before there are so many at once
};

class DripServer {
 public:
  explicit DripServer(DripOptions options);
  ~DripServer();
  DripServer(const DripServer&) = delete;
  DripServer& operator=(const DripServer&) = delete;

  std::string slow_url(int number) const;  // spread over the hosts
  std::string fast_url(int number) const;
  std::size_t slow_at_once_max() const { return slow_max_.load(); }
  std::size_t answered() const { return answered_.load(); }

 private:
  struct Connection {
    int fd = -1;
    std::string request;  // until its head is complete
    int drips_left = 0;
  };

  void listen_on(std::uint32_t address);
  void run();
  void accept_all(int listener);
  void read_from(int fd);
  void answer(Connection& connection, std::string_view target);
  void drip(std::size_t slice);
  void close(int fd);

  // Constant after construction.
  DripOptions options_;
  std::uint16_t port_ = 0;
  int poll_ = -1;
  std::vector<int> listeners_;

  // Server's thread only.
  std::vector<std::unique_ptr<Connection>> open_;  // by descriptor
  std::size_t slow_ = 0;

  std::atomic<std::size_t> slow_max_ = 0;
  std::atomic<std::size_t> answered_ = 0;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace trawl::support
