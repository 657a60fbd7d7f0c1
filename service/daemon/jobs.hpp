#pragma once
// Jobs: the jobs of a daemon as its users see them, and what may be done to them. The control API,
// the metrics and the dashboard know this and nothing of what is behind it; tests/support has a
// fake. Any loop may call; the answer comes on the caller's.

#include "config/job.hpp"
#include "core/base/clock.hpp"
#include "core/coro/task.hpp"
#include "core/crawl/engine/crawl_metrics.hpp"
#include "core/crawl/engine/crawler.hpp"
#include "core/crawl/state/record.hpp"

#include <array>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::service {

enum class JobState : std::uint8_t {
  invalid,  // its file has errors; JobView::errors
  waiting,  // for its next scheduled run, or for a place among the running jobs
  running,
  paused,     // by a user; a pause on a full disk is running with progress.paused
  stopping,   // finishing what is in flight
  finished,   // nothing is left to fetch
  limited,    // stopped by one of its limits, resumable; JobView::detail
  cancelled,  // by a user, resumable
  failed,     // stopped by an error, resumable; JobView::detail
};
std::string_view to_string(JobState state);

struct JobView {
  std::string name;
  JobState state = JobState::waiting;
  std::string detail;          // which limit, what went wrong, what it waits for
  bool submitted = false;      // over the API, not from jobs_dir
  std::filesystem::path file;  // its TOML
  std::filesystem::path dir;   // its output folder
  std::string mode;            // "crawl", "fetch"
  std::string schedule;        // "" when off
  int weight = 1;              // its share of the daemon's concurrency
  std::uint64_t runs = 0;      // begun so far
  std::optional<Wall> next_run;
  std::optional<Wall> started;  // the run that goes on, or the last one
  std::optional<Wall> ended;
  crawl::StoreTotals totals;                     // as last known
  std::optional<crawl::CrawlProgress> progress;  // while it runs or is paused
  double pages_per_s = 0;                        // over the last seconds
  double bytes_per_s = 0;                        // received
  // What came of all its fetches since the daemon began, by crawl::FetchOutcome.
  std::array<std::uint64_t, crawl::fetch_outcomes> outcomes{};
  std::string settings;                     // the merged job as TOML, secrets as "***"
  std::size_t file_errors = 0;              // that its file has, also while it goes on as it was
  std::vector<config::ConfigError> errors;  // of an invalid file
};

enum class Refusal : std::uint8_t {
  not_found,
  exists,       // a job of that name
  invalid,      // Refused::errors
  wrong_state,  // not in the job's state, as detail says
  busy,         // it is being stored or removed
  output_used,  // another job has its output there
  has_file,     // its owner's file is to be changed or removed instead
  forbidden,    // a path outside of data_dir, wider networks than the daemon's own
  unavailable,  // the daemon is shutting down, or too much is waiting
};

struct Refused {
  Refusal why = Refusal::not_found;
  std::string detail;  // a sentence for people
  std::vector<config::ConfigError> errors = {};
};

template <class T>
using Answer = std::expected<T, Refused>;

enum class JobCommand : std::uint8_t { pause, resume, cancel, run };

enum class JobFormat : std::uint8_t { toml, json };
struct JobText {
  std::string text;
  JobFormat format = JobFormat::toml;
  std::string name = {};  // over the text's own; empty: the text's
};

// What happens to jobs. data is a JSON object that names its job.
struct JobEvent {
  std::string_view type;  // "progress", "state", "removed", "host"
  std::string job;
  std::string data;
};

struct FetchNow {
  std::string url;
  Millis timeout{30'000};
};
struct FetchedNow {
  crawl::Record record;
  std::string body;  // decoded
  bool body_cut = false;
};

// As crawl::HostWait, in the time of people.
struct HostHold {
  std::int64_t host = 0;
  crawl::WaitFor what = crawl::WaitFor::pace;
  std::optional<Wall> until;
};

// For a metrics page.
struct JobFigures {
  JobView job;                  // without settings and errors
  crawl::CrawlMetrics metrics;  // of all its runs since the daemon began
};
struct Figures {
  std::vector<JobFigures> jobs;  // by name
  crawl::CrawlMetrics removed;   // of jobs that were there since the daemon began and are no more
  Millis loop_lag_p99{0};        // of the daemon's own loop
  std::optional<std::uint64_t> memory_bytes = {};  // what all jobs may use; off: any amount
};

class Jobs {
 public:
  virtual ~Jobs() = default;

  // By name, without settings and errors.
  virtual coro::Task<Answer<std::vector<JobView>>> list() = 0;
  virtual coro::Task<Answer<JobView>> find(std::string name) = 0;
  virtual coro::Task<Answer<JobView>> submit(JobText text) = 0;
  // A running job is stopped first. delete_data: its output folder goes too.
  virtual coro::Task<Answer<void>> remove(std::string name, bool delete_data) = 0;
  virtual coro::Task<Answer<JobView>> steer(std::string name, JobCommand command) = 0;
  // Keys that may change while a job runs; stored, so that they outlive a restart.
  virtual coro::Task<Answer<JobView>> change(std::string name,
                                             std::vector<config::Override> changes) = 0;
  // What became of them: queued now, known, or no URLs.
  virtual coro::Task<Answer<crawl::Pushed>> push_urls(std::string name,
                                                      std::vector<std::string> urls) = 0;
  // What keeps hosts of the run that goes on from being asked, by the host's number in the store;
  // none while nothing runs.
  virtual coro::Task<Answer<std::vector<HostHold>>> host_holds(std::string name) = 0;
  // Under the politeness and the guards of all jobs; kept nowhere.
  virtual coro::Task<Answer<FetchedNow>> fetch_now(FetchNow request) = 0;

  // on_event is called from any thread until the watch is destroyed; it must only post.
  class Watch {
   public:
    virtual ~Watch() = default;
  };
  virtual std::unique_ptr<Watch> watch(std::function<void(const JobEvent&)> on_event) = 0;

  // As of the last second; null before the first. Any thread, without waiting.
  virtual std::shared_ptr<const Figures> figures() const { return nullptr; }

  virtual bool ready() const = 0;  // all jobs are loaded and the daemon isn't shutting down
};

}  // namespace trawl::service
