#pragma once
// ModelWeb: a web of any number of hosts, made by a seed: what a host is like is a function of the
// seed and its number, so that a million of them cost nothing until they are visited. Sizes,
// latencies and faults have heavy tails, as on the real one.

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/crawl/hosts/politeness.hpp"

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace trawl::sim {

struct WebSpec {
  std::uint64_t seed = 1;
  std::uint32_t hosts = 2'000;
  std::uint64_t urls = 50'000;
};

enum class HostKind : std::uint8_t { good, slow, throttling, flaky, down_for_a_while, dead };

struct ModelHost {
  std::uint32_t pages = 1;
  HostKind kind = HostKind::good;
  Millis latency{100};  // the median
  std::optional<Millis> crawl_delay;
  Mono down_from = Mono::max();
  Mono down_until = Mono::max();
};

// What a fetch comes to.
struct Answer {
  Millis took{0};
  std::optional<int> status;          // absent: no answer
  std::optional<Error> error;         // then
  std::optional<Millis> retry_after;  // of the answer
};

class ModelWeb {
 public:
  explicit ModelWeb(const WebSpec& spec);

  std::uint32_t hosts() const { return spec_.hosts; }
  std::uint64_t urls() const { return urls_; }  // close to what was asked for
  std::uint32_t pages(std::uint32_t host) const { return pages_[host]; }
  ModelHost host(std::uint32_t number) const;

  // Three hosts of four have a domain of their own, and some addresses have thousands of hosts.
  std::uint32_t domain(std::uint32_t host) const;
  std::uint32_t address(std::uint32_t host) const;
  std::string name(std::uint32_t host) const;  // "h7.d3.test"
  std::string ip(std::uint32_t host) const;

  Answer fetch(const ModelHost& host, Mono now, std::mt19937_64& random) const;

 private:
  std::uint64_t dice(std::uint32_t host, std::uint32_t what) const;

  WebSpec spec_;
  std::uint64_t urls_ = 0;
  std::vector<std::uint32_t> pages_;
};

}  // namespace trawl::sim
