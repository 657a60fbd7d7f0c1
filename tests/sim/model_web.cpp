// Sizes follow a power law that is scaled to the number of URLs; everything else is thrown anew
// from the seed, the host and the question.
#include "tests/sim/model_web.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace trawl::sim {
namespace {

constexpr Mono at_ms(std::uint64_t ms) {
  return Mono{} + Millis{static_cast<std::int64_t>(ms)};
}

std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

}  // namespace

ModelWeb::ModelWeb(const WebSpec& spec) : spec_(spec), pages_(spec.hosts) {
  double weights = 0;
  const auto weight = [](std::uint32_t rank) { return std::pow(double(rank + 1), -0.75); };
  for (std::uint32_t i = 0; i < spec.hosts; ++i) weights += weight(i);
  // Ranks go to hosts by a stride without a common divisor, so that size says nothing of the rest.
  const std::uint64_t stride = 2'654'435'761ULL;
  for (std::uint32_t i = 0; i < spec.hosts; ++i) {
    const double share = double(spec.urls) * weight(i) / weights;
    std::uint32_t& pages = pages_[(i * stride + spec.seed) % spec.hosts];
    pages = static_cast<std::uint32_t>(std::max(1.0, share));
  }
  for (const std::uint32_t pages : pages_) urls_ += pages;
}

std::uint64_t ModelWeb::dice(std::uint32_t host, std::uint32_t what) const {
  return mix(mix(spec_.seed * 0x9e3779b97f4a7c15ULL + host) + what);
}

ModelHost ModelWeb::host(std::uint32_t number) const {
  ModelHost host{.pages = pages_[number]};
  const std::uint64_t kind = dice(number, 1) % 100;
  if (kind < 6)
    host.kind = HostKind::slow;
  else if (kind < 10)
    host.kind = HostKind::throttling;
  else if (kind < 16)
    host.kind = HostKind::flaky;
  else if (kind < 19)
    host.kind = HostKind::down_for_a_while;
  else if (kind < 22)
    host.kind = HostKind::dead;
  const double tail = double(dice(number, 2) % 10'000 + 1) / 10'000;
  host.latency = Millis{static_cast<std::int64_t>(std::min(20.0 / std::sqrt(tail), 4000.0))};
  if (host.kind == HostKind::slow) host.latency *= 10;
  if (dice(number, 3) % 20 == 0)
    host.crawl_delay = Millis{static_cast<std::int64_t>(dice(number, 4) % 10 + 1) * 500};
  if (host.kind == HostKind::down_for_a_while) {
    host.down_from = at_ms(dice(number, 5) % 120'000);
    host.down_until = host.down_from + Millis{static_cast<std::int64_t>(dice(number, 6) % 900'000)};
  }
  if (host.kind == HostKind::dead) host.down_from = Mono::min();
  return host;
}

std::uint32_t ModelWeb::domain(std::uint32_t host) const {
  return dice(host, 7) % 4 == 0 ? static_cast<std::uint32_t>(dice(host, 8) % (spec_.hosts / 40 + 1))
                                : spec_.hosts + host;
}

std::uint32_t ModelWeb::address(std::uint32_t host) const {
  const std::uint64_t kind = dice(host, 9) % 10;
  if (kind == 0) return static_cast<std::uint32_t>(dice(host, 10) % 8);
  if (kind < 4) return static_cast<std::uint32_t>(8 + dice(host, 10) % (spec_.hosts / 10 + 1));
  return spec_.hosts + host;
}

std::string ModelWeb::name(std::uint32_t host) const {
  return fmt::format("h{}.d{}.test", host, domain(host));
}

std::string ModelWeb::ip(std::uint32_t host) const {
  const std::uint32_t address = this->address(host);
  return fmt::format("2001:db8::{:x}:{:x}", address >> 16, address & 0xffff);
}

Answer ModelWeb::fetch(const ModelHost& host, Mono now, std::mt19937_64& random) const {
  const std::uint64_t chance = random() % 100;
  const double tail = double(random() % 10'000 + 1) / 10'000;
  Answer answer{.took = Millis{static_cast<std::int64_t>(std::min(
                                   double(host.latency.count()) / std::sqrt(tail) / 2, 30'000.0)) +
                               1}};
  if (host.down_from <= now && now < host.down_until) {
    answer.error = Error{chance < 50 ? Errc::connect_refused : Errc::connect_timeout, ""};
    if (chance >= 50) answer.took = Millis{10'000};
    return answer;
  }
  if (host.kind == HostKind::flaky && chance < 20) {
    answer.error = Error{chance < 10 ? Errc::reset : Errc::first_byte_timeout, ""};
    return answer;
  }
  answer.status = 200;
  if (host.kind == HostKind::throttling && chance < 15) {
    answer.status = chance < 8 ? 429 : 503;
    if (chance % 2 == 0)
      answer.retry_after = Millis{static_cast<std::int64_t>(random() % 30) * 1000};
  } else if (chance < 3) {
    answer.status = 404;
  } else if (chance < 4) {
    answer.status = 500;
  }
  return answer;
}

}  // namespace trawl::sim
