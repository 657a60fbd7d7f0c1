// In order: the folder's lock, the ledger, the front's sockets, the jobs; then the service manager
// is told, and runs begin. The end is the same way back.
#include "service/daemon/daemon.hpp"

#include "core/base/clock.hpp"
#include "core/base/log.hpp"
#include "core/base/log_flush.hpp"
#include "service/daemon/data_folder.hpp"
#include "service/text/progress.hpp"

#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>

#include <csignal>

namespace trawl::service {

void Daemon::run() {
  const config::DaemonSpec& spec = parts_.config.spec;
  DataFolder data{spec.data_dir};
  // Its files would be taken for submitted ones, and submitted ones for the owner's.
  if (data.holds(spec.jobs_dir))
    throw Failure(
        Errc::config,
        fmt::format("jobs_dir {} is where data_dir {} keeps submitted jobs; set one of them "
                    "to another folder",
                    spec.jobs_dir, spec.data_dir));
  for (const std::string& own : {spec.jobs_dir, spec.token_file, spec.log_file}) data.reserve(own);
  book_ = std::make_unique<JobBook>(
      JobBook::Parts{.executor = loop_.executor(),
                     .clock = system_clock(),
                     .data = data,
                     .spec = spec,
                     .environment = config::job_environment(parts_.environment)});
  if (parts_.open_front) front_ = parts_.open_front(*book_);
  loop_.run(live());
  front_.reset();
  book_.reset();
  log("daemon")->info("stopped");
}

coro::Task<> Daemon::live() {
  auto running = coro::with_group(&Daemon::run_parts, this);
  co_await std::move(running);
}

// Thousands of job files take a while: signals and questions are answered meanwhile.
coro::Task<> Daemon::run_parts(coro::Group& group) {
  group.spawn(answer_signals());
  if (front_) group.spawn(front_->serve());
  group.spawn(run_jobs(group));
  group.spawn(notifier_.keep_alive([this] { return status(); }));
  co_return;
}

coro::Task<> Daemon::run_jobs(coro::Group& group) {
  auto loading = book_->load();
  co_await std::move(loading);
  loaded_ = true;
  log("daemon")->info("ready: {}{}{}", counted(book_->jobs_known(), "job"),
                      front_ ? ", control API at " : "", front_ ? front_->address() : "");
  notifier_.ready(status());
  auto running = book_->run();
  co_await std::move(running);
  group.cancel();
}

coro::Task<> Daemon::answer_signals() {
  const auto executor = co_await coro::asio::this_coro::executor;
  coro::asio::signal_set signals{executor, SIGINT, SIGTERM, SIGHUP};
  for (bool stopping = false;;) {
    const int signal = co_await signals.async_wait(coro::asio::use_awaitable);
    if (signal == SIGHUP) {
      if (!stopping && loaded_) reload();
      continue;
    }
    log("daemon")->info(stopping ? "stopping now"
                                 : "stopping: finishing what is in flight; once more to stop now");
    stopping = true;
    notifier_.stopping();
    book_->shut_down();
  }
}

void Daemon::reload() {
  reopen_log_file();
  notifier_.reloading();
  log("daemon")->info("reading the configuration and all job files again");
  auto loaded = parts_.reload();
  if (loaded) {
    if (const auto taken = book_->reload(loaded->spec); !taken) {
      log("daemon")->error("{}; the configuration stays as it was", taken.error().detail);
      notifier_.ready(status());
      return;
    }
    for (const auto& change : config::changes_between(parts_.config.spec, loaded->spec))
      log("daemon")->info("{}{}", change.text, change.restart ? " (from the next start on)" : "");
    // What waits for a restart is compared with what runs the next time too.
    parts_.config.spec = config::live_changes(parts_.config.spec, loaded->spec);
  } else {
    for (const auto& error : loaded.error())
      log("daemon")->error("{}", config::format_error(error));
    log("daemon")->error("the configuration stays as it was");
  }
  notifier_.ready(status());
}

std::string Daemon::status() const {
  double pages_per_s = 0;
  if (const auto figures = book_->figures())
    for (const JobFigures& job : figures->jobs) pages_per_s += job.job.pages_per_s;
  return fmt::format("{} jobs, {} running, {:.1f} pages/s", book_->jobs_known(),
                     book_->jobs_running(), pages_per_s);
}

}  // namespace trawl::service
