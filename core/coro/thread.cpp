// The thread ends before the awaiting task goes on, so nothing here needs to be shared.
#include "core/coro/thread.hpp"

#include "core/coro/event.hpp"
#include "core/coro/shield.hpp"

#include <boost/asio/post.hpp>
#include <pthread.h>

#include <thread>

namespace trawl::coro {

Task<> run_on_thread(Loop& loop, std::string name, std::function<Task<>()> make_task) {
  const auto executor = co_await asio::this_coro::executor;
  Event ended{executor};
  const std::uint64_t run = loop.next_run();
  std::exception_ptr error;
  std::jthread thread([&] {
    pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
    try {
      loop.run(make_task());
    } catch (...) {
      error = std::current_exception();
    }
    asio::post(executor, [&ended] { ended.set(); });
  });

  const bool throwing = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  Outcome<void> waited;
  co_await capture(ended.wait(), waited);
  if (waited.error()) {
    loop.cancel_run(run);
    Outcome<void> unwound;
    co_await shielded(ended.wait(), unwound);
  }
  co_await asio::this_coro::throw_if_cancelled(throwing);
  thread.join();
  if (error) std::rethrow_exception(error);
  if (waited.error()) throw cancelled_error();
}

}  // namespace trawl::coro
