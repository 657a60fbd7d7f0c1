// What others see of a job: in lists, in full, on the page of metrics.
#include "service/daemon/job_events.hpp"
#include "service/daemon/managed_job.hpp"
#include "service/daemon/metrics_sum.hpp"

#include <fmt/format.h>

#include <utility>

namespace trawl::service {

void ManagedJob::sample() {
  if (!run_) return;
  progress_ = run_->progress();
  // Other settings may have another folder already, of which this run knows nothing.
  if (dir_ == run_->job().output.dir) {
    first_records_ = first_records_ || !std::exchange(totals_of_dir_, true) ||
                     (totals_ == crawl::StoreTotals{} && totals_ != progress_->totals);
    totals_ = progress_->totals;
  }
  run_metrics_ = run_->crawler().metrics();
  rates_.note(around_.clock.now(), progress_->run.pages, progress_->run.bytes_wire);
  if (around_.watchers.anyone())
    around_.watchers.tell({"progress", name_, progress_data(figures().job)});
}

std::vector<HostHold> ManagedJob::host_holds() const {
  std::vector<HostHold> holds;
  if (!run_) return holds;
  const Wall wall = around_.clock.wall();
  const Mono now = around_.clock.now();
  const auto at = [&](Mono until) { return wall + std::chrono::ceil<Millis>(until - now); };
  for (const crawl::HostWait& wait : run_->crawler().host_waits())
    holds.push_back(
        {wait.host, wait.what, wait.until ? std::optional{at(*wait.until)} : std::nullopt});
  return holds;
}

JobFigures ManagedJob::figures() const {
  const JobMemory& memory = machine_.memory();
  JobFigures figures{.job = {.name = name_,
                             .state = machine_.state(),
                             .detail = memory.detail,
                             .submitted = source_.submitted,
                             .file = source_.file,
                             .dir = dir_,
                             .runs = memory.runs,
                             .next_run = memory.next_run,
                             .started = memory.started,
                             .ended = memory.ended,
                             .totals = totals_,
                             .progress = progress_,
                             .pages_per_s = rates_.pages_per_s(),
                             .bytes_per_s = rates_.bytes_per_s()},
                     .metrics = metrics_before_};
  add_metrics(figures.metrics, run_metrics_);
  figures.job.outcomes = figures.metrics.fetches;
  figures.job.file_errors = errors_.size();
  if (figures.job.state == JobState::waiting && memory.asked && figures.job.detail.empty())
    figures.job.detail = around_.turns.is_open() ? "waits for a place among the running jobs"
                                                 : "waits until the daemon has memory to spare";
  if (!loaded_) return figures;
  const crawl::JobSpec& spec = loaded_->spec;
  figures.job.mode = spec.mode == crawl::JobMode::fetch ? "fetch" : "crawl";
  figures.job.weight = spec.schedule.weight;
  if (spec.schedule.when != "off") figures.job.schedule = spec.schedule.when;
  return figures;
}

JobView ManagedJob::overview() const {
  JobView view = figures().job;
  const bool goes_on = view.state != JobState::invalid;
  if (!errors_.empty() && (!goes_on || view.detail.empty())) {
    config::ConfigError first = errors_.front();
    first.file = std::filesystem::path{first.file}.filename().string();
    view.detail = config::format_error(first);
    if (goes_on) view.detail = "goes on as it was, for its file has errors: " + view.detail;
    if (errors_.size() > 1) view.detail += fmt::format(" (and {} more)", errors_.size() - 1);
  }
  return view;
}

JobView ManagedJob::view() const {
  JobView view = overview();
  view.errors = errors_;
  view.settings = settings_;
  return view;
}

}  // namespace trawl::service
