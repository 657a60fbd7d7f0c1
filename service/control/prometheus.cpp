// The families are put together by hand, not through prometheus-cpp's registry: what is counted
// lives in the crawlers and the jobs, and a second copy of it in a registry could only go stale.
#include "service/control/prometheus.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <sstream>
#include <utility>

namespace trawl::service {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

using Labels = std::vector<ClientMetric::Label>;

constexpr std::string_view other_jobs = "(other)";

// One page, family by family; a family without samples is left out.
class Page {
 public:
  void begin(std::string name, std::string help, MetricType type) {
    families_.push_back({.name = std::move(name), .help = std::move(help), .type = type});
  }
  void counter(double value, Labels labels = {}) {
    ClientMetric& metric = add(std::move(labels));
    metric.counter.value = value;
  }
  void gauge(double value, Labels labels = {}) {
    ClientMetric& metric = add(std::move(labels));
    metric.gauge.value = value;
  }
  void histogram(const HistogramView& view, Labels labels = {}) {
    ClientMetric::Histogram& to = add(std::move(labels)).histogram;
    for (std::size_t i = 0; i < view.counts.size(); ++i) {
      to.sample_count += view.counts[i];
      if (i < view.upper_bounds.size())
        to.bucket.push_back({to.sample_count, view.upper_bounds[i]});
    }
    to.sample_sum = view.sum;
  }
  void single_gauge(std::string name, std::string help, double value) {
    begin(std::move(name), std::move(help), MetricType::Gauge);
    gauge(value);
  }
  void single_counter(std::string name, std::string help, double value) {
    begin(std::move(name), std::move(help), MetricType::Counter);
    counter(value);
  }

  std::string text() {
    std::erase_if(families_, [](const MetricFamily& family) { return family.metric.empty(); });
    return prometheus::TextSerializer{}.Serialize(families_);
  }

 private:
  ClientMetric& add(Labels labels) {
    ClientMetric& metric = families_.back().metric.emplace_back();
    metric.label = std::move(labels);
    return metric;
  }

  std::vector<MetricFamily> families_;
};

Labels label(std::string_view name, std::string_view value) {
  return {{std::string{name}, std::string{value}}};
}
Labels labels(std::string_view job, std::string_view state) {
  return {{"job", std::string{job}}, {"state", std::string{state}}};
}

// What is shown of a job, or of all those that share a label.
struct JobLine {
  crawl::StoreTotals totals;
  std::uint64_t in_flight = 0, ready = 0, waiting = 0, backing_off = 0, runs = 0, file_errors = 0;
  bool paused = false;
  std::optional<JobState> state;  // of one job alone
  std::optional<Wall> ended;

  void add(const JobView& job) {
    totals.queued += job.totals.queued;
    totals.fetched += job.totals.fetched;
    totals.failed += job.totals.failed;
    totals.excluded += job.totals.excluded;
    runs += job.runs;
    file_errors += job.file_errors;
    if (!job.progress) return;
    in_flight += job.progress->in_flight;
    ready += job.progress->hosts_ready;
    waiting += job.progress->hosts_waiting;
    backing_off += job.progress->hosts_backing_off;
    paused = paused || job.progress->paused;
  }
};

using JobTable = std::map<std::string, JobLine, std::less<>>;

// Those with something going on come first, so that a thousand finished ones don't hide them.
JobTable job_table(std::span<const JobView> jobs) {
  std::vector<const JobView*> order;
  for (const bool runs : {true, false})
    for (const JobView& job : jobs)
      if (job.progress.has_value() == runs) order.push_back(&job);
  JobTable table;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const JobView& job = *order[i];
    const bool own = i < metric_jobs_max;
    JobLine& figures = table[own ? job.name : std::string{other_jobs}];
    figures.add(job);
    if (!own) continue;
    figures.state = job.state;
    figures.ended = job.ended;
  }
  return table;
}

double unix_seconds(Wall time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

void add_process(const MetricsView& view, Page& page) {
  const ProcessFigures& process = view.process;
  page.begin("trawl_build_info", "The running version; always 1.", MetricType::Gauge);
  page.gauge(1, label("version", view.version));
  page.single_gauge("trawl_start_time_seconds", "When the process began, in Unix time.",
                    process.started_unix_s);
  page.single_counter("trawl_cpu_seconds_total", "Processor time of the process.", process.cpu_s);
  page.single_gauge("trawl_resident_bytes", "Resident memory of the process.",
                    static_cast<double>(process.resident_bytes));
  page.single_gauge("trawl_open_fds", "Open file descriptors.",
                    static_cast<double>(process.open_fds));
  page.single_gauge("trawl_max_fds", "How many may be open.", static_cast<double>(process.max_fds));
  page.single_gauge("trawl_threads", "Threads of the process.",
                    static_cast<double>(process.threads));
  if (view.memory_budget_bytes)
    page.single_gauge("trawl_memory_budget_bytes", "What the configuration lets all jobs use.",
                      static_cast<double>(*view.memory_budget_bytes));
  if (view.disk_free_bytes)
    page.single_gauge("trawl_disk_free_bytes", "Free space where data_dir is.",
                      static_cast<double>(*view.disk_free_bytes));
}

void add_fetches(const FetchFigures& fetches, Page& page) {
  page.begin("trawl_fetches_total",
             "Fetches that came to an end, by the class of the status, or what else came of them.",
             MetricType::Counter);
  for (const auto& [outcome, count] : fetches.outcomes)
    page.counter(static_cast<double>(count), label("outcome", outcome));
  page.begin("trawl_fetch_duration_seconds", "A fetch from its first step to its last byte.",
             MetricType::Histogram);
  page.histogram(fetches.duration_s);
  page.begin("trawl_fetch_phase_seconds", "The same by phase.", MetricType::Histogram);
  for (const auto& [phase, histogram] : fetches.phases_s)
    page.histogram(histogram, label("phase", phase));
  page.begin("trawl_bytes_total", "Bytes of answers received and of requests sent.",
             MetricType::Counter);
  for (const auto& [direction, bytes] : fetches.bytes)
    page.counter(static_cast<double>(bytes), label("direction", direction));
  page.begin("trawl_store_commit_seconds", "A durable transaction, archive included.",
             MetricType::Histogram);
  page.histogram(fetches.commit_s);
}

// Per run, so that it is no counter: a job's next run begins at zero.
void add_errors(std::span<const JobView> jobs, Page& page) {
  std::map<std::string_view, std::uint64_t> errors;
  for (const JobView& job : jobs)
    if (job.progress)
      for (const auto& [code, count] : job.progress->run.errors) errors[to_string(code)] += count;
  page.begin("trawl_run_errors", "Errors of the runs that go on, by their code.",
             MetricType::Gauge);
  for (const auto& [code, count] : errors)
    page.gauge(static_cast<double>(count), label("code", code));
}

// Of the loop that is latest: the crawl is as slow as its slowest shard.
double loop_lag_s(std::span<const JobView> jobs) {
  Millis lag{0};
  for (const JobView& job : jobs)
    if (job.progress) lag = std::max(lag, job.progress->loop_lag_p99);
  return std::chrono::duration<double>(lag).count();
}

void add_queues(const JobTable& table, Page& page) {
  page.begin("trawl_queue_urls", "URLs that a job knows, by state.", MetricType::Gauge);
  for (const auto& [name, job] : table) {
    page.gauge(static_cast<double>(job.totals.queued), labels(name, "queued"));
    page.gauge(static_cast<double>(job.totals.fetched), labels(name, "fetched"));
    page.gauge(static_cast<double>(job.totals.failed), labels(name, "failed"));
    page.gauge(static_cast<double>(job.totals.excluded), labels(name, "excluded"));
  }
  page.begin("trawl_hosts", "Hosts with queued URLs of a running job.", MetricType::Gauge);
  for (const auto& [name, job] : table) {
    page.gauge(static_cast<double>(job.ready), labels(name, "ready"));
    page.gauge(static_cast<double>(job.waiting), labels(name, "waiting"));
    page.gauge(static_cast<double>(job.backing_off), labels(name, "backing_off"));
  }
  page.begin("trawl_in_flight_fetches", "Fetches under way.", MetricType::Gauge);
  for (const auto& [name, job] : table)
    page.gauge(static_cast<double>(job.in_flight), label("job", name));
}

void add_jobs(std::span<const JobView> jobs, const JobTable& table, Page& page) {
  constexpr std::array states{JobState::invalid, JobState::waiting,   JobState::running,
                              JobState::paused,  JobState::stopping,  JobState::finished,
                              JobState::limited, JobState::cancelled, JobState::failed};
  page.begin("trawl_jobs", "Jobs by state.", MetricType::Gauge);
  for (const JobState state : states)
    page.gauge(static_cast<double>(std::ranges::count(jobs, state, &JobView::state)),
               label("state", to_string(state)));
  page.begin("trawl_job_state", "1 for the state that a job is in.", MetricType::Gauge);
  for (const auto& [name, job] : table)
    if (job.state) page.gauge(1, labels(name, to_string(*job.state)));
  page.begin("trawl_job_paused", "Whether a running job starts no fetches: a user, or a full disk.",
             MetricType::Gauge);
  for (const auto& [name, job] : table) page.gauge(job.paused ? 1 : 0, label("job", name));
  page.begin("trawl_job_file_errors",
             "Errors in the job's file; one that runs goes on as it was, until it is begun anew.",
             MetricType::Gauge);
  for (const auto& [name, job] : table)
    page.gauge(static_cast<double>(job.file_errors), label("job", name));
  page.begin("trawl_job_runs_total", "Runs that were begun.", MetricType::Counter);
  for (const auto& [name, job] : table)
    page.counter(static_cast<double>(job.runs), label("job", name));
  page.begin("trawl_job_ended_time_seconds", "When the last run ended, in Unix time.",
             MetricType::Gauge);
  for (const auto& [name, job] : table)
    if (job.ended) page.gauge(unix_seconds(*job.ended), label("job", name));
}

}  // namespace

std::string render_metrics(const MetricsView& view) {
  Page page;
  const JobTable table = job_table(view.jobs);
  add_process(view, page);
  add_fetches(view.fetches, page);
  add_errors(view.jobs, page);
  page.single_gauge("trawl_loop_lag_seconds",
                    "How late the latest event loop runs what is due, at the 99th percentile.",
                    loop_lag_s(view.jobs));
  add_jobs(view.jobs, table, page);
  add_queues(table, page);
  return page.text();
}

}  // namespace trawl::service
