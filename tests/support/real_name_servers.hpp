#pragma once
// Name servers that are not ours, on free loopback ports. Throw std::runtime_error when they don't
// start.

#include "tests/support/subprocess.hpp"
#include "tests/support/temp_dir.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::support {

// dnsmasq without upstream servers and without the system's files: an independent witness of what a
// resolver asks.
class Dnsmasq {
 public:
  // options: further ones of its command line ("--host-record=a.test,127.0.0.1"). What is under
  // .test and not among them is NXDOMAIN; all else is REFUSED.
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

// Knot DNS, the authority for a zone: it sends SOAs, follows aliases within the zone and truncates
// what is too long for a packet.
class Knot {
 public:
  // records: of the zone "test.", as a zone file has them, but for SOA and NS; the SOA's minimum is
  // 42 s.
  explicit Knot(const std::string& records);

  std::string address() const;  // "127.0.0.1:port"

 private:
  TempDir dir_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Subprocess> process_;
};

}  // namespace trawl::support
