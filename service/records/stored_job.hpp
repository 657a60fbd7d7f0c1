#pragma once
// The job that made a crawl, read back from its folder: JobRun leaves the merged job there as
// `check --print` shows it, so without secrets.

#include "core/crawl/job/job.hpp"
#include "storage/sqlite/db.hpp"

#include <string>
#include <string_view>

namespace trawl::service {

inline constexpr std::string_view job_settings_key = "job.settings";  // in `meta`

struct StoredJob {
  crawl::JobSpec spec;  // the defaults when there is no job, or none that can be read
  std::string problem;  // why it could not be read; empty when it was
  std::string settings;

  // Where a key's value came from: "docs.toml:3:7", "--scope", "default"; empty when unknown.
  std::string origin(std::string_view key) const;
};

// Throws Failure when the database can't be read.
StoredJob read_stored_job(storage::Db& db);

}  // namespace trawl::service
