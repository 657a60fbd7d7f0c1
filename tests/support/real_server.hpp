#pragma once
// Other people's servers on free ports of loopback: what trawl meets in the wild, as witnesses that
// no code of ours stands behind. Each ends with its object. nginx has a file of its own.

#include "tests/support/subprocess.hpp"
#include "tests/support/temp_dir.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace trawl::support {

class RealServer {
 public:
  // command: for a folder and a port. Started again on another port when that one is taken. Throws
  // std::runtime_error when nobody listens there in the end.
  using MakeCommand = std::function<Command(const TempDir&, std::uint16_t)>;
  explicit RealServer(const MakeCommand& command);

  std::uint16_t port() const { return port_; }
  pid_t pid() const { return process_->pid(); }
  std::string url(std::string_view target = "/") const;
  std::string out() const { return process_->out() + process_->err(); }

 private:
  TempDir dir_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Subprocess> process_;
};

// httpbin under gunicorn (python3-httpbin, gunicorn).
RealServer start_httpbin();
// Apache over a folder; more: lines of its configuration.
RealServer start_apache(const std::string& root, const std::string& more = {});
// Proxies for anything on loopback. user: "name password" that a client must give, or nothing.
RealServer start_tinyproxy(const std::string& user = {});
RealServer start_squid();

}  // namespace trawl::support
