#pragma once
// LedgerDesk: the ledger on a thread of its own. What can't be written is an error for the caller,
// who tries again: a full disk must not end the daemon.

#include "core/base/result.hpp"
#include "core/coro/task.hpp"
#include "core/coro/worker.hpp"
#include "service/daemon/ledger.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace trawl::service {

class LedgerDesk {
 public:
  // Throws as Ledger does.
  explicit LedgerDesk(const std::filesystem::path& file);

  std::vector<LedgerEntry> load() { return ledger_.load(); }  // before anything else is called
  // Durable when it returns. Errors: what the ledger throws.
  coro::Task<Result<>> save(LedgerEntry entry);
  // Said in the log when it can't be written: the next start finds no job of that name, and
  // forgets.
  coro::Task<> forget(std::string name);

 private:
  Ledger ledger_;  // the worker's thread only, once it is in use
  coro::Worker worker_;
};

}  // namespace trawl::service
