#pragma once
// Desk: where other loops hand in work for the daemon's loop, and get the answer on their own. A
// caller that is cancelled leaves; the work goes on to its end.

#include "core/base/log.hpp"
#include "core/coro/channel.hpp"
#include "core/coro/group.hpp"
#include "core/coro/task.hpp"

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace trawl::service {

class Desk {
 public:
  static constexpr std::size_t calls_waiting_max = 256;

  Desk() : calls_(calls_waiting_max) {}

  // Takes calls in until close(); each runs as a child of the group.
  coro::Task<> serve(coro::Group& group) {
    for (;;) {
      auto waiting = calls_.next();
      auto call = co_await std::move(waiting);
      if (!call) co_return;
      group.spawn((*call)());
    }
  }
  // Any thread. What waits is dropped.
  void close() {
    calls_.close();
    while (calls_.try_next()) continue;
  }

  // Any loop. Nothing when the desk is closed, or the work failed, which is logged.
  template <class T>
  coro::Task<std::optional<T>> ask(std::function<coro::Task<T>()> work) {
    auto reply = std::make_shared<coro::Channel<T>>(1);  // shared: either side may leave first
    // Whatever becomes of the call, nobody waits for ever.
    std::shared_ptr<void> closing{nullptr, [reply](void*) { reply->close(); }};
    Call call = [work = std::move(work), reply, closing = std::move(closing)] {
      return answer(work, reply, closing);
    };
    auto sending = calls_.send(std::move(call));
    const bool taken = co_await std::move(sending);
    if (!taken) co_return std::nullopt;
    auto waiting = reply->next();
    co_return co_await std::move(waiting);
  }

 private:
  using Call = std::move_only_function<coro::Task<>()>;

  template <class T>
  static coro::Task<> answer(std::function<coro::Task<T>()> work,
                             std::shared_ptr<coro::Channel<T>> reply, std::shared_ptr<void>) {
    try {
      auto working = work();
      auto value = co_await std::move(working);
      auto sending = reply->send(std::move(value));
      co_await std::move(sending);
    } catch (const boost::system::system_error& error) {
      if (coro::is_cancellation(error)) throw;
      log("jobs")->error("a request failed: {}", error.what());
    } catch (const std::exception& error) {
      log("jobs")->error("a request failed: {}", error.what());
    }
  }

  coro::Channel<Call> calls_;
};

}  // namespace trawl::service
