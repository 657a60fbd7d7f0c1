#pragma once
// Notifier: tells the service manager how the daemon is (sd_notify(3)); does nothing without one.

#include "core/base/clock.hpp"
#include "core/coro/task.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace trawl::service {

class Notifier {
 public:
  void ready(const std::string& status);
  void reloading();  // until ready() is called again
  void stopping();

  // Says the status at times, and that the loop it runs on is alive as often as the manager's
  // watchdog wants to hear it. Until cancelled.
  coro::Task<> keep_alive(std::function<std::string()> status);

  // How often the watchdog wants to hear; absent: there is none.
  static std::optional<Millis> watchdog();
  // Listening sockets that the manager passed on; each is told once.
  static std::vector<int> inherited_sockets();

 private:
  static void tell(const std::string& message);
};

}  // namespace trawl::service
