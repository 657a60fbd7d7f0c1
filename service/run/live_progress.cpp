// Rates are of the last ten seconds: what a person watching wants to see change.
#include "service/run/live_progress.hpp"

#include "core/base/log.hpp"
#include "core/coro/time.hpp"
#include "service/run/say.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace trawl::service {
namespace {

constexpr Millis live_interval{250};
constexpr Millis line_interval{10'000};
constexpr Millis rate_window{10'000};
constexpr double eta_ms_max = 1e13;  // servers say what they like of a length

std::size_t terminal_columns() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

}  // namespace

ProgressStyle stderr_style() {
  return progress_style(::isatty(STDERR_FILENO) == 1, terminal_columns(), std::getenv("TERM"),
                        std::getenv("NO_COLOR"));
}

coro::Task<> LiveProgress::show(const JobRun& run) {
  (void)snapshot(run.progress());  // what the first rates begin from
  for (;;) {
    co_await coro::sleep_for(style_.live ? live_interval : line_interval);
    if (style_.live) style_.columns = terminal_columns();
    std::string line = render_progress(snapshot(run.progress()), style_);
    if (in_log_) {
      if (line.ends_with('\n')) line.pop_back();
      log("crawl")->info("{}", line);
      continue;
    }
    say_text(line);
    std::fflush(stderr);
  }
}

void LiveProgress::wipe() {
  say_text(wipe_progress(style_));
  std::fflush(stderr);
}

ProgressSnapshot LiveProgress::snapshot(const crawl::CrawlProgress& progress) {
  const Mono now = system_clock().now();
  samples_.push_back({now, progress.run.pages, progress.run.bytes_wire});
  while (samples_.size() > 2 && now - samples_.front().at > rate_window) samples_.pop_front();
  const Sample& first = samples_.front();
  const double seconds = std::chrono::duration<double>(now - first.at).count();

  ProgressSnapshot shown{.pages_done = progress.totals.fetched + progress.totals.failed,
                         .excluded = progress.totals.excluded,
                         .queued = progress.totals.queued,
                         .in_flight = progress.transfers,
                         .errors = progress.totals.failed,
                         .hosts_ready = progress.hosts_ready,
                         .hosts_waiting = progress.hosts_waiting,
                         .hosts_backing_off = progress.hosts_backing_off};
  if (seconds > 0) {
    shown.pages_per_s = static_cast<double>(progress.run.pages - first.pages) / seconds;
    shown.bytes_per_s = static_cast<double>(progress.run.bytes_wire - first.bytes) / seconds;
  }
  const auto& arriving = progress.run.arriving;
  shown.arrived_bytes = arriving.bytes;
  if (arriving.unannounced == 0) shown.expected_bytes = arriving.expected_bytes;
  if (progress.in_flight == 0) shown.next_in = progress.next_fetch_in;
  const bool total_known = total_known_ && !progress.seeding;
  const auto time_for = [](std::uint64_t rest, double per_second) {
    const double ms = static_cast<double>(rest) / per_second * 1000;
    return Millis{static_cast<std::int64_t>(std::min(ms, eta_ms_max))};
  };
  const bool all_arrives = shown.expected_bytes > 0 && progress.totals.queued <= arriving.bodies;
  if (total_known && all_arrives && shown.bytes_per_s > 0)
    shown.eta = time_for(shown.expected_bytes - std::min(shown.expected_bytes, shown.arrived_bytes),
                         shown.bytes_per_s);
  else if (total_known && !all_arrives && shown.pages_per_s > 0)
    shown.eta = time_for(progress.totals.queued, shown.pages_per_s);
  return shown;
}

}  // namespace trawl::service
