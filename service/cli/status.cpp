// `trawl status` and `trawl logs`: what a daemon's jobs are doing, once or as it changes.
#include "service/cli/status.hpp"

#include "core/base/clock.hpp"
#include "core/coro/loop.hpp"
#include "core/coro/time.hpp"
#include "service/cli/command.hpp"
#include "service/cli/output.hpp"
#include "service/cli/remote.hpp"
#include "service/run/live_progress.hpp"
#include "service/run/say.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <utility>

namespace trawl::service::cli {
namespace {

constexpr std::chrono::seconds watch_interval{1};
constexpr std::size_t line_bytes_max = 1024 * 1024;

struct StatusOptions {
  RemoteOptions remote;
  std::string name;
  bool watch = false;
  bool json = false;
};

ExitCode show_status(const StatusOptions& options) {
  auto client = options.remote.client();
  DescriptorOutput out{STDOUT_FILENO};
  const bool redraws = options.watch && ::isatty(STDOUT_FILENO) == 1;
  const std::string target = options.name.empty() ? "/api/v1/jobs" : job_target(options.name);
  for (;;) {
    const auto answer = client.send({.target = target});
    if (!answer.ok()) return complain(client, answer);
    if (options.name.empty() && !options.json && !options.watch && !has_jobs(answer.body))
      say("no jobs yet: `trawl submit JOB.toml`, or put job files into the daemon's jobs_dir\n");
    std::string text = options.json           ? answer.body + "\n"
                       : options.name.empty() ? jobs_table(answer.body)
                                              : job_details(answer.body);
    if (redraws) text.insert(0, "\x1b[H\x1b[2J");
    if (!out.write(text) || !out.flush() || !options.watch) return ExitCode::ok;
    coro::run_root(coro::sleep_for(watch_interval));
  }
}

// Server-sent events, piece by piece (HTML standard, 9.2.6): a line "event: …", a line "data: …",
// and an empty one.
class EventReader {
 public:
  explicit EventReader(Output& out) : out_(out) {}

  bool take(std::string_view piece) {
    rest_.append(piece);
    if (rest_.size() > line_bytes_max) rest_.clear();
    for (auto end = rest_.find('\n'); end != rest_.npos; end = rest_.find('\n')) {
      std::string line = rest_.substr(0, end);
      rest_.erase(0, end + 1);
      if (line.ends_with('\r')) line.pop_back();
      if (!take_line(line)) return false;
    }
    return true;
  }

 private:
  bool take_line(std::string_view line) {
    constexpr std::string_view event = "event: ", data = "data: ";
    if (line.starts_with(event)) type_ = line.substr(event.size());
    if (!line.starts_with(data)) return true;
    const std::string text = event_line(type_, line.substr(data.size()));
    if (text.empty()) return true;
    const std::string when = format_rfc3339(system_clock().wall());
    return out_.write(fmt::format("{} {}", when, text)) && out_.flush();
  }

  Output& out_;
  std::string rest_;
  std::string type_;
};

struct LogsOptions {
  RemoteOptions remote;
  std::string name;
  bool follow = false;  // as other programs have it; there is nothing but to follow
};

ExitCode follow_logs(const LogsOptions& options) {
  auto client = options.remote.client();
  DescriptorOutput out{STDOUT_FILENO};
  EventReader reader{out};
  std::string target = "/api/v1/events";
  if (!options.name.empty()) {
    const auto job = client.send({.target = job_target(options.name)});
    if (!job.ok()) return complain(client, job);
    target += "?job=" + encode_segment(options.name);
  }
  const auto answer =
      client.stream({.target = std::move(target)},
                    [&reader](std::string_view piece) { return reader.take(piece); });
  return answer.ok() ? ExitCode::ok : complain(client, answer);
}

}  // namespace

void add_status(CLI::App& app, Invocation& invocation) {
  auto* command = app.add_subcommand("status", "show a daemon's jobs");
  const auto options = std::make_shared<StatusOptions>();
  command->add_option("NAME", options->name, "one job in full; default: a table of all");
  command->add_flag("--watch", options->watch, "again every second, until Ctrl-C");
  command->add_flag("--json", options->json, "the daemon's answer as it came");
  options->remote.add_to(*command);
  command->callback(
      [options, &invocation] { invocation.run = [options] { return show_status(*options); }; });
}

void add_logs(CLI::App& app, Invocation& invocation) {
  auto* command = app.add_subcommand("logs", "follow what happens to a daemon's jobs");
  const auto options = std::make_shared<LogsOptions>();
  command->add_option("NAME", options->name, "of one job; default: of all");
  command->add_flag("-f,--follow", options->follow, "until Ctrl-C, which it does anyway");
  options->remote.add_to(*command);
  command->callback(
      [options, &invocation] { invocation.run = [options] { return follow_logs(*options); }; });
}

}  // namespace trawl::service::cli
