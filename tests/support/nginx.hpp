#pragma once
// A real nginx over a folder, on a free loopback port, as an independent witness of what was asked.

#include "tests/support/subprocess.hpp"
#include "tests/support/temp_dir.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::support {

struct Access {
  std::string method;
  std::string target;  // as sent
  int status = 0;
  std::uint64_t body_bytes = 0;
  std::string user_agent;
};

class Nginx {
 public:
  // more: lines for the server block ("gzip on;"); modules: "load_module …;". Throws
  // std::runtime_error when it doesn't start.
  explicit Nginx(const std::string& root, const std::string& more = {},
                 const std::string& modules = {});

  static bool is_installed();

  std::uint16_t port() const { return port_; }
  pid_t pid() const { return process_->pid(); }
  std::string url(std::string_view target = "/") const;
  std::vector<Access> accesses() const;  // in order of completion
  void stop();                           // SIGTERM, awaited; the destructor doesn't ask

 private:
  TempDir dir_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Subprocess> process_;
};

}  // namespace trawl::support
