// malloc_trim returns whole free pages in the middle of the arenas too, not only at their tops; the
// allocator counts them as its own still, so what is resident decides.
#include "service/daemon/spare_memory.hpp"

#include "core/coro/time.hpp"
#include "core/coro/worker.hpp"
#include "service/process_figures.hpp"

#include <malloc.h>

#include <chrono>
#include <cstdint>

namespace trawl::service {
namespace {

constexpr std::chrono::seconds interval{10};

}  // namespace

bool give_back_spare_memory() {
  const struct mallinfo2 memory = ::mallinfo2();
  const std::uint64_t used = memory.uordblks + memory.hblkhd;
  if (read_process_figures().resident_bytes < used + spare_memory_bytes_max) return false;
  return ::malloc_trim(0) == 1;
}

coro::Task<> keep_memory_small() {
  coro::Worker worker{"memory", 1};
  for (;;) {
    auto sleeping = coro::sleep_for(interval);
    co_await std::move(sleeping);
    auto giving = worker.run([] { return give_back_spare_memory(); });
    co_await std::move(giving);
  }
}

}  // namespace trawl::service
