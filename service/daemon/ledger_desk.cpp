// A commit is a sync of the disk, and the daemon's loop waits for no disk.
#include "service/daemon/ledger_desk.hpp"

#include "core/base/log.hpp"
#include "core/base/result.hpp"

namespace trawl::service {
namespace {

constexpr std::size_t writes_queued_max = 64;

}  // namespace

LedgerDesk::LedgerDesk(const std::filesystem::path& file)
    : ledger_(file), worker_("ledger", writes_queued_max) {}

coro::Task<Result<>> LedgerDesk::save(LedgerEntry entry) {
  auto writing = worker_.run([this, &entry]() -> Result<> {
    try {
      ledger_.save(entry);
      return {};
    } catch (const Failure& failure) {
      return std::unexpected(failure.error());
    }
  });
  co_return co_await std::move(writing);
}

coro::Task<> LedgerDesk::forget(std::string name) {
  auto writing = worker_.run([this, &name] {
    try {
      ledger_.forget(name);
    } catch (const Failure& failure) {
      log("jobs")->error("{}: its state can't be removed: {}", name, failure.what());
    }
  });
  co_await std::move(writing);
}

}  // namespace trawl::service
