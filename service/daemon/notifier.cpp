// The watchdog is fed from a timer of the daemon's loop: a loop that hangs doesn't feed it.
#include "service/daemon/notifier.hpp"

#include "core/coro/time.hpp"

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <cstdint>
#include <ctime>

namespace trawl::service {
namespace {

constexpr Millis status_interval{5'000};
constexpr Millis feed_interval_min{100};

std::int64_t monotonic_us() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

}  // namespace

void Notifier::tell(const std::string& message) {
  static_cast<void>(::sd_notify(0, message.c_str()));  // that nobody listens is no error
}

void Notifier::ready(const std::string& status) {
  tell(fmt::format("READY=1\nSTATUS={}", status));
}

void Notifier::reloading() {
  tell(fmt::format("RELOADING=1\nMONOTONIC_USEC={}\nSTATUS=reading the configuration again",
                   monotonic_us()));
}

void Notifier::stopping() {
  tell("STOPPING=1\nSTATUS=finishing what is in flight");
}

std::optional<Millis> Notifier::watchdog() {
  std::uint64_t us = 0;
  if (::sd_watchdog_enabled(0, &us) <= 0) return std::nullopt;
  return Millis{static_cast<std::int64_t>(us / 1000)};
}

std::vector<int> Notifier::inherited_sockets() {
  const int count = ::sd_listen_fds(1);
  std::vector<int> sockets;
  for (int i = 0; i < count; ++i) sockets.push_back(SD_LISTEN_FDS_START + i);
  return sockets;
}

coro::Task<> Notifier::keep_alive(std::function<std::string()> status) {
  const auto wanted = watchdog();
  const Millis interval =
      wanted ? std::clamp(*wanted / 3, feed_interval_min, status_interval) : status_interval;
  std::string said;
  for (;;) {
    std::string text = status();
    if (text != said) tell(fmt::format("STATUS={}", text));
    said = std::move(text);
    if (wanted) tell("WATCHDOG=1");
    co_await coro::sleep_for(interval);
  }
}

}  // namespace trawl::service
