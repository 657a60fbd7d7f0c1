#pragma once
// The crawl.db of jobs, opened for reading when somebody asks and closed when nobody has for a
// while. Loop thread only.

#include "core/coro/task.hpp"
#include "service/control/turns.hpp"
#include "storage/sqlite/pool.hpp"

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace trawl::service::control {

struct CountedPool {
  CountedPool(const coro::Executor& executor, std::filesystem::path database,
              std::size_t connections_max, SharedCpu cpu)
      : connections(executor, std::move(database), connections_max), spent(std::move(cpu)) {}
  storage::Pool connections;
  SharedCpu spent;  // on their threads
};
using SharedPool = std::shared_ptr<CountedPool>;  // lent to answers that outlast the look-up

class Folders {
 public:
  // spent: where the processor time of reading is added up.
  Folders(coro::Executor executor, SharedCpu spent)
      : executor_(std::move(executor)), spent_(std::move(spent)) {}

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
  SharedCpu spent_;
  std::vector<Open> open_;  // the one used last is last
};

// Adds what its thread takes while it is there.
class CpuCount {
 public:
  explicit CpuCount(std::atomic<CpuTime::rep>& sum) : sum_(sum), began_(thread_cpu()) {}
  ~CpuCount() { sum_ += (thread_cpu() - began_).count(); }
  CpuCount(const CpuCount&) = delete;
  CpuCount& operator=(const CpuCount&) = delete;

 private:
  std::atomic<CpuTime::rep>& sum_;
  CpuTime began_;
};

// Runs function(Db&) on a thread of the pool's; what it throws comes out here.
template <class F>
coro::Task<std::invoke_result_t<F&, storage::Db&>> read(SharedPool pool, F function) {
  auto acquiring = pool->connections.acquire();
  storage::Connection connection = co_await std::move(acquiring);
  auto running = connection.run([&pool, &function](storage::Db& db) {
    const CpuCount count{*pool->spent};
    return function(db);
  });
  co_return co_await std::move(running);
}

}  // namespace trawl::service::control
