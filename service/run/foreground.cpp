// The group of a run: the crawl, the progress line and the signals; the crawl's end ends them all.
#include "service/run/foreground.hpp"

#include "core/base/clock.hpp"
#include "core/base/log.hpp"
#include "core/base/log_flush.hpp"
#include "core/base/units.hpp"
#include "core/coro/group.hpp"
#include "core/coro/time.hpp"
#include "core/crawl/engine/crawler.hpp"
#include "service/offline/run.hpp"
#include "service/run/job_run.hpp"
#include "service/run/live_progress.hpp"
#include "service/run/say.hpp"
#include "storage/open.hpp"
#include "storage/sqlite/history_table.hpp"
#include "storage/sqlite/run_table.hpp"
#include "storage/sqlite/stats.hpp"

#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>

#include <csignal>
#include <cstdio>

namespace trawl::service {
namespace {

constexpr std::size_t summary_hosts_max = 5;
constexpr std::size_t runs_looked_at = 1000;

struct Run {
  JobRun& job;
  LiveProgress& progress;
  bool quiet;
  int signals = 0;
  crawl::CrawlEnd end = {};
};

coro::Task<> crawl_to_end(Run& run, coro::Group& group) {
  auto crawling = run.job.crawler().run();
  run.end = co_await std::move(crawling);
  group.cancel();
}

coro::Task<> answer_signals(Run& run) {
  const auto executor = co_await coro::asio::this_coro::executor;
  coro::asio::signal_set signals{executor, SIGINT, SIGTERM};
  // The terminal went away; nohup asks not to mind.
  struct sigaction hangup{};
  if (::sigaction(SIGHUP, nullptr, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
    signals.add(SIGHUP);
  for (int count = 1;; ++count) {
    co_await signals.async_wait(coro::asio::use_awaitable);
    run.job.crawler().stop();
    run.signals = count;
    log("crawl")->info(count == 1 ? "stopping: finishing what is in flight; once more to stop now"
                                  : "stopping now");
  }
}

// The summary of a large folder takes its time. Who asks once more meanwhile is to have it, and its
// exit code; twice more ends the program as it is.
void outlive_a_signal() {
  for (const int signal : {SIGINT, SIGTERM})
    std::signal(signal, [](int which) { std::signal(which, SIG_DFL); });
}

coro::Task<> run_parts(Run& run, coro::Group& group) {
  group.spawn(answer_signals(run));
  if (!run.quiet) group.spawn(run.progress.show(run.job));
  group.spawn(crawl_to_end(run, group));
  co_return;
}

RunSummary make_summary(const crawl::JobSpec& job, const crawl::CrawlEnd& end,
                        const crawl::CrawlProgress& progress, Millis elapsed) {
  RunSummary summary{.limit = end.detail,
                     .elapsed = elapsed,
                     .fetched_now = progress.run.pages,
                     .output_dir = job.output.dir};
  if (end.reason == crawl::StopReason::interrupted) summary.end = RunEnd::interrupted;
  if (end.reason == crawl::StopReason::limit) summary.end = RunEnd::limit_reached;
  auto db = storage::open_results(job.output.dir);
  const auto stats = storage::read_stats(db, summary_hosts_max);
  summary.fetched = stats.totals.fetched;
  summary.failed = stats.totals.failed;
  summary.excluded = stats.totals.excluded;
  summary.queued = stats.totals.queued;
  summary.truncated = stats.truncated;
  summary.bytes_wire = progress.run.bytes_wire;
  for (const auto& [status, count] : stats.fetched_by_status)
    summary.statuses.push_back({fmt::format("{}", status), count});
  for (const auto& [code, count] : stats.by_error) summary.errors.push_back({code, count});
  for (const auto& host : stats.slowest_hosts)
    summary.hosts.push_back({host.key, host.totals.fetched,
                             Millis{static_cast<std::int64_t>(host.mean_total_ms.value_or(0))}});
  return summary;
}

ExitCode exit_code_of(const crawl::CrawlEnd& end) {
  switch (end.reason) {
    case crawl::StopReason::interrupted:
      return ExitCode::interrupted;
    case crawl::StopReason::limit:
      return ExitCode::limit;
    case crawl::StopReason::none:
    case crawl::StopReason::done:
      break;
  }
  return ExitCode::ok;
}

bool has_unwanted(const crawl::JobSpec& job, const FailOn& fail_on) {
  if (fail_on.empty()) return false;
  auto db = storage::open_results(job.output.dir);
  auto stats = storage::read_stats(db, 0);
  // A /sitemap.xml that was only looked for is not missed.
  if (job.seeds.sitemaps.mode == crawl::SitemapMode::automatic)
    for (const auto& [status, urls] : storage::missing_sitemaps(db))
      stats.fetched_by_status[status] -= urls;
  const std::string found = fail_on.found_in(stats);
  if (found.empty()) return false;
  say("{}: {}, which --fail-on names\n", job.output.dir, found);
  return true;
}

// All that a folder has was fetched by lists.
bool was_only_listed(const std::string& dir) {
  auto db = storage::open_results(dir);
  std::uint64_t by_list = 0, by_crawl = 0;
  for (const crawl::RunRecord& run : storage::read_runs(db, runs_looked_at))
    (run.mode == "fetch" ? by_list : by_crawl) += run.fetched;
  return by_list > 0 && by_crawl == 0;
}

// With what a user of downloaders would have expected of a second run.
std::string nothing_left(const crawl::JobSpec& job, const crawl::StoreTotals& totals) {
  const std::string& dir = job.output.dir;
  std::string text = fmt::format("{}: all is done, nothing was left to fetch", dir);
  if (job.mode != crawl::JobMode::fetch && was_only_listed(dir))
    text +=
        "; it was fetched as a list, which follows no links: --again reads its pages for theirs";
  if (totals.failed > 0)
    text += fmt::format(
        "; --retry-failed tries {} once more",
        totals.failed == 1 ? "the failed URL" : fmt::format("the {} failed URLs", totals.failed));
  return text + '\n';
}

// Also to one who wants to hear nothing but errors: most likely the job was meant to be another
// one.
void say_nothing_fetched(const std::string& dir, const crawl::CrawlProgress& progress) {
  const crawl::StoreTotals& totals = progress.totals;
  if (totals.fetched > 0 || totals.queued > 0 || totals.failed + totals.excluded == 0) return;
  std::vector<std::string> reasons;
  for (const auto& [error, count] : progress.run.errors)
    reasons.push_back(fmt::format("{} x {}", grouped(count), to_string(error)));
  say("{}: nothing was fetched{}{}; trawl explain {} URL says why\n", dir,
      reasons.empty() ? "" : ": ", fmt::join(reasons, ", "), dir);
}

void say_next_due(const crawl::JobSpec& job) {
  if (!crawl::recrawl_interval(job.recrawl)) return;
  auto db = storage::open_results(job.output.dir);
  const auto due = storage::next_due(db);
  const Wall now = system_clock().wall();
  if (due && *due > now)
    say("{}: next due in {}\n", job.output.dir, human_duration(*due - now));
  else if (due)
    say("{}: more is due by now; run it again\n", job.output.dir);
}

}  // namespace

coro::Task<ExitCode> run_job(crawl::JobSpec job, RunOptions options) {
  const Mono started = system_clock().now();
  JobRun opened{std::move(job),
                {.again = options.again,
                 .adds_seeds = options.adds_seeds,
                 .round = {},
                 .buckets = options.buckets,
                 .on_host_event = std::move(options.on_host_event),
                 .settings = std::move(options.settings)}};
  const crawl::JobSpec& spec = opened.job();
  LiveProgress progress{spec.mode == crawl::JobMode::fetch, options.progress_in_log};
  Run run{.job = opened, .progress = progress, .quiet = options.quiet};
  auto running = coro::with_group(run_parts, std::ref(run));
  co_await std::move(running);
  progress.wipe();
  const auto elapsed = std::chrono::duration_cast<Millis>(system_clock().now() - started);
  if (spec.output.convert_links && run.signals < 2) {
    auto converting = convert_crawl(spec, options.quiet);
    const bool whole = co_await std::move(converting);
    if (!whole) run.end.reason = crawl::StopReason::interrupted;
  }
  outlive_a_signal();
  flush_log();
  if (!options.quiet) {
    if (run.end.had_nothing_to_do && run.end.reason != crawl::StopReason::interrupted)
      say_text(nothing_left(spec, opened.progress().totals));
    const auto summary = make_summary(spec, run.end, opened.progress(), elapsed);
    say_text(render_summary(summary, progress.style()));
    say_next_due(spec);
  }
  if (!run.end.had_nothing_to_do) say_nothing_fetched(spec.output.dir, opened.progress());
  const ExitCode code = exit_code_of(run.end);
  const bool judged = code == ExitCode::ok || code == ExitCode::limit;
  if (judged && has_unwanted(spec, options.fail_on)) co_return ExitCode::unwanted;
  co_return code;
}

}  // namespace trawl::service
