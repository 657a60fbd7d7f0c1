// The events themselves are thrown away: JobFiles finds out what changed.
#include "service/daemon/folder_watch.hpp"

#include "core/base/log.hpp"
#include "core/coro/timeout.hpp"

#include <boost/asio/buffer.hpp>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <utility>

namespace trawl::service {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds quiet_time{200};
constexpr milliseconds quiet_time_max{2'000};  // of a folder that is never quiet
constexpr milliseconds look_interval{15'000};

}  // namespace

FolderWatch::FolderWatch(const coro::Executor& executor, std::filesystem::path folder)
    : folder_(std::move(folder)), executor_(executor) {
  arm();
}

// A folder that was removed and made anew is another one, so the watch is laid again at times.
void FolderWatch::arm() {
  inotify_.reset();
  const int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (fd < 0) return;
  constexpr std::uint32_t events = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |
                                   IN_CREATE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF |
                                   IN_ONLYDIR;
  if (::inotify_add_watch(fd, folder_.c_str(), events) < 0) {
    ::close(fd);
    return;
  }
  inotify_.emplace(executor_, fd);
}

coro::Task<> FolderWatch::event() {
  alignas(inotify_event) std::array<std::byte, 16 * 1024> events{};
  const auto buffer = coro::asio::buffer(events);
  co_await inotify_->async_read_some(buffer, coro::asio::use_awaitable);
}

coro::Task<> FolderWatch::changed() {
  if (!inotify_) arm();
  if (!inotify_) {
    co_await coro::sleep_for(look_interval);
    co_return;
  }
  auto first = coro::within(look_interval, event());
  const bool came = co_await std::move(first);
  const auto begun = std::chrono::steady_clock::now();
  for (bool more = came; more && std::chrono::steady_clock::now() - begun < quiet_time_max;) {
    auto next = coro::within(quiet_time, event());
    more = co_await std::move(next);
  }
  if (!came) arm();
}

}  // namespace trawl::service
