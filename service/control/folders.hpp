#pragma once
// The crawl.db of jobs, opened for reading when somebody asks and closed when nobody has for a
// while. Loop thread only.

#include "core/coro/task.hpp"
#include "storage/sqlite/pool.hpp"

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace trawl::service::control {

using SharedPool = std::shared_ptr<storage::Pool>;  // lent to answers that outlast the look-up

class Folders {
 public:
  explicit Folders(coro::Executor executor) : executor_(std::move(executor)) {}

  // Null when there is no crawl.db. A file that took another's place is opened anew.
  SharedPool open(const std::filesystem::path& folder);
  // Closes those that were not asked for lately. Files that are gone too.
  void close_idle();
  // Does so from time to time until it is cancelled.
  coro::Task<> run();
  std::size_t size() const { return open_.size(); }

 private:
  struct Open {
    std::filesystem::path folder;
    dev_t device = 0;
    ino_t file = 0;
    SharedPool pool;
    std::chrono::steady_clock::time_point used;
  };

  coro::Executor executor_;
  std::vector<Open> open_;  // the one used last is last
};

// Runs function(Db&) on a thread of the pool's; what it throws comes out here.
template <class F>
coro::Task<std::invoke_result_t<F&, storage::Db&>> read(SharedPool pool, F function) {
  auto acquiring = pool->acquire();
  storage::Connection connection = co_await std::move(acquiring);
  auto running = connection.run(std::move(function));
  co_return co_await std::move(running);
}

}  // namespace trawl::service::control
