#pragma once
// LedgerDesk: the ledger on a thread of its own. What can't be written is said in the log and tried
// again with the job's next change: a full disk must not end the daemon.

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
  coro::Task<> save(LedgerEntry entry);                       // durable when it returns
  coro::Task<> forget(std::string name);

 private:
  Ledger ledger_;  // the worker's thread only, once it is in use
  coro::Worker worker_;
};

}  // namespace trawl::service
