#pragma once
// JobRun: one run of a job and all that it holds of its output folder: lock, store, archive,
// crawler. The foreground commands and the daemon run jobs through it; who watches, steers and ends
// the run is theirs.

#include "core/coro/shared_places.hpp"
#include "core/crawl/engine/crawler.hpp"
#include "core/crawl/hosts/host_event.hpp"
#include "core/crawl/hosts/politeness_buckets.hpp"
#include "core/crawl/job/job.hpp"
#include "core/crawl/state/archive.hpp"
#include "core/http/client/speed_limit.hpp"
#include "storage/open.hpp"
#include "storage/sqlite/store.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace trawl::service {

struct JobRunOptions {
  crawl::Again again = crawl::Again::nothing;
  bool adds_seeds = false;           // as Crawler::Parts has it
  bool limits_anew = false;          // a round of job.limits, which goes on with what is left
  std::optional<std::string> round;  // with these two: its name; one is begun once in a folder
  crawl::PolitenessBuckets* buckets = nullptr;  // of all jobs of the process; null: its own
  coro::SharedPlaces* places = nullptr;         // the same, for fetches in flight
  http::SpeedLimit* speed = nullptr;            // the same, for the bodies that come
  int weight = 1;                               // in the places, against other jobs
  std::uint64_t descriptors = 0;                // that it may have; 0: all of the process's
  int concurrency_max = 0;                      // of all jobs together; 0: its own alone holds
  crawl::OnHostEvent on_host_event = {};
  std::string settings;  // the merged job as text, kept in the folder for later readers
};

class JobRun {
 public:
  // Opens the folder; the job's output.dir must be set. Blocks for as long as files take. Throws
  // Failure for a broken environment.
  JobRun(crawl::JobSpec job, JobRunOptions options);
  ~JobRun();  // blocks likewise
  JobRun(const JobRun&) = delete;
  JobRun& operator=(const JobRun&) = delete;

  crawl::Crawler& crawler() { return *crawler_; }
  // The crawler's, but that until it has read the folder the totals are those that are there.
  crawl::CrawlProgress progress() const;
  const crawl::JobSpec& job() const { return job_; }
  // As Crawler::change(), but for more fetches at once than there are descriptors for.
  Result<> change(crawl::LiveSettings settings);
  // The merged job as text once more, for later readers.
  void keep_settings(std::string text);

 private:
  crawl::Again begin_round(const JobRunOptions& options);
  std::string counted_so_far() const;
  void count_from_round();

  crawl::JobSpec job_;
  std::uint64_t descriptors_;
  int concurrency_max_;
  storage::OutputFolder folder_;
  std::unique_ptr<storage::SqliteStore> store_;
  std::optional<storage::OutputFolder::LogInUse> log_in_use_;
  std::unique_ptr<crawl::Archive> archive_;
  std::unique_ptr<crawl::Crawler> crawler_;
  crawl::StoreTotals totals_at_start_;  // constant after construction
};

}  // namespace trawl::service
