#pragma once
// Ledger: what the daemon remembers of its jobs over a restart, in data_dir/daemon.db. Each save is
// one durable transaction, so that kill -9 at any instant leaves the state before or after it.
// Blocking: its user has it on a Worker. One thread at a time.

#include "config/job.hpp"
#include "core/crawl/state/store.hpp"
#include "service/daemon/job_machine.hpp"
#include "storage/sqlite/db.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace trawl::service {

struct LedgerEntry {
  std::string name;
  JobMemory memory;
  std::string settings_digest;            // of the settings that were last in force
  crawl::StoreTotals totals;              // as last known
  std::vector<config::Override> patches;  // changes made over the API
  std::filesystem::path dir;              // the output folder
  std::filesystem::path file = {};        // its TOML; empty: of a trawl that kept no such thing
  std::vector<std::string> untold = {};   // ends that its hooks were not told of, as hook_payload()
  // A former trawl kept the totals of the folder before when the job got another.
  bool totals_of_dir = false;  // they are known to be

  bool operator==(const LedgerEntry&) const = default;
};

class Ledger {
 public:
  // Creates the file when there is none. Throws Failure{io, disk_full, damaged}.
  explicit Ledger(const std::filesystem::path& file);

  std::vector<LedgerEntry> load();
  void save(const LedgerEntry& entry);
  void forget(const std::string& name);

 private:
  storage::Db db_;
  storage::Statement insert_;
  storage::Statement remove_;
  storage::Statement add_patch_;
  storage::Statement remove_patches_;
  storage::Statement add_untold_;
  storage::Statement remove_untold_;
};

}  // namespace trawl::service
