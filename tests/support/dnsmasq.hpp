#pragma once
// A real dnsmasq on a free loopback port, without upstream servers and without the system's files:
// an independent witness of what a resolver asks.

#include "tests/support/subprocess.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::support {

class Dnsmasq {
 public:
  // options: further ones of its command line ("--host-record=a.test,127.0.0.1"). What is under
  // .test and not among them is NXDOMAIN; all else is REFUSED. Throws std::runtime_error when it
  // doesn't start.
  explicit Dnsmasq(const std::vector<std::string>& options);

  std::string address() const;  // "127.0.0.1:port"
  // How often it was asked for that name and type ("A", "AAAA").
  std::size_t count(std::string_view name, std::string_view type) const;
  void pause();   // SIGSTOP: packets pile up unanswered
  void resume();  // SIGCONT

 private:
  std::uint16_t port_ = 0;
  std::unique_ptr<Subprocess> process_;
};

}  // namespace trawl::support
