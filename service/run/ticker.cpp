// The thread sleeps on a condition, so that the end of the command doesn't wait for it.
#include "service/run/ticker.hpp"

#include "service/run/say.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <utility>

namespace trawl::service {
namespace {

constexpr std::chrono::seconds interval{10};

void tell(const std::stop_token& stop, const std::function<std::string()>& words) {
  std::mutex mutex;
  std::unique_lock lock{mutex};
  std::condition_variable_any wake;
  while (!wake.wait_for(lock, stop, interval, [&stop] { return stop.stop_requested(); }))
    say("{}\n", words());
}

}  // namespace

Ticker::Ticker(std::function<std::string()> words)
    : words_(std::move(words)),
      thread_([this](const std::stop_token& stop) { tell(stop, words_); }) {}

}  // namespace trawl::service
