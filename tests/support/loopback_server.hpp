#pragma once
// A scriptable HTTP/1.1 server on 127.0.0.1 with a thread of its own: what tests crawl. It keeps
// connections alive, takes pipelined requests one by one and remembers every request.
// All members may be called from any thread; handlers run on the server's thread.

#include "tests/support/loopback_reply.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace trawl::support {

class LoopbackConnection;

class LoopbackServer {
 public:
  using Handler = std::function<Reply(const SeenRequest&)>;

  // host: of 127.0.0.0/8. Listens on a port that the system chose.
  explicit LoopbackServer(std::string host = "127.0.0.1");
  ~LoopbackServer();  // at once, whatever the connections are doing
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  // The answer for a path, for any query. Paths without one are answered with 404.
  void on(std::string path, Reply reply);
  void on(std::string path, Handler handler);
  void otherwise(Handler handler);  // instead of the 404

  std::uint16_t port() const { return port_; }
  std::string url(std::string_view target = "/") const;

  std::vector<SeenRequest> requests() const;  // in order of arrival; the first 100,000
  std::size_t count(std::string_view path) const;
  std::size_t count() const;        // all requests
  std::size_t connections() const;  // accepted so far
  std::size_t at_once_max() const;  // the most requests that were being answered at the same time
  // Whether so many requests for the path came within the time.
  bool wait_for(std::string_view path, std::size_t requests, Millis within = Millis{10'000}) const;

 private:
  void run();
  void accept_all();
  Reply answer(const SeenRequest& request);

  // Constant after construction.
  int listener_ = -1;
  int wake_ = -1;
  std::string host_;
  std::uint16_t port_ = 0;

  // Server's thread only.
  std::vector<std::unique_ptr<LoopbackConnection>> open_;
  std::size_t busy_others_ = 0;  // connections that are answering, but for the current one

  // Under mutex_.
  mutable std::mutex mutex_;
  mutable std::condition_variable arrived_;
  std::map<std::string, Handler, std::less<>> routes_;
  Handler otherwise_;
  std::vector<SeenRequest> requests_;
  std::map<std::string, std::size_t, std::less<>> counts_;
  std::size_t total_ = 0;
  std::size_t accepted_ = 0;
  std::size_t at_once_max_ = 0;

  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace trawl::support
