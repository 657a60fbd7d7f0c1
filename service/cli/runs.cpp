// A run whose end nobody wrote down still runs, or was killed; of what it did the records tell.
#include "service/cli/runs.hpp"

#include "core/base/clock.hpp"
#include "core/base/log.hpp"
#include "core/base/units.hpp"
#include "service/cli/command.hpp"
#include "service/folder/history_json.hpp"
#include "service/text/progress.hpp"
#include "storage/open.hpp"
#include "storage/sqlite/run_table.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

namespace trawl::service::cli {
namespace {

constexpr std::size_t runs_max = 10'000;

std::string time_text(std::int64_t ms) {
  return format_rfc3339(Wall{Millis{ms}});
}

std::string end_text(const crawl::RunRecord& run) {
  if (!run.ended_ms) return "-";
  return printable(run.detail.empty() ? run.end : run.detail);
}

}  // namespace

std::string runs_text(const std::vector<crawl::RunRecord>& runs) {
  std::string text =
      fmt::format("{:<24}  {:>10}  {:<5} {:>10} {:>8} {:>9} {:>10} {:>9}  {}\n", "BEGAN", "TOOK",
                  "MODE", "FETCHED", "FAILED", "EXCLUDED", "QUEUED", "RECEIVED", "END");
  for (const crawl::RunRecord& run : runs) {
    const bool ended = run.ended_ms.has_value();
    const auto number = [ended](std::uint64_t count) {
      return ended ? grouped(count) : std::string{"-"};
    };
    text += fmt::format(
        "{:<24}  {:>10}  {:<5} {:>10} {:>8} {:>9} {:>10} {:>9}  {}\n", time_text(run.began_ms),
        ended ? human_duration(Millis{*run.ended_ms - run.began_ms}) : "-", printable(run.mode),
        number(run.fetched), number(run.failed), number(run.excluded), number(run.queued),
        ended ? human_bytes(run.bytes_wire) : "-", end_text(run));
  }
  return text;
}

std::string runs_jsonl(const std::vector<crawl::RunRecord>& runs) {
  std::string text;
  for (const crawl::RunRecord& run : runs) {
    append_run(text, run);
    text += '\n';
  }
  return text;
}

ExitCode run_runs(const RunsOptions& options, Output& out) {
  auto db = storage::open_results(options.folder);
  const auto runs = storage::read_runs(db, std::min(options.last, runs_max));
  out.write(options.format == "jsonl" ? runs_jsonl(runs) : runs_text(runs));
  out.flush();
  return ExitCode::ok;
}

void add_runs(CLI::App& app, Invocation& invocation) {
  auto* command =
      app.add_subcommand("runs", "when a crawl's job ran, and what came of each of its runs");
  const auto options = std::make_shared<RunsOptions>();
  command->add_option("DIR", options->folder, "output folder of the crawl")->required();
  command->add_option("--last", options->last, "so many of the last runs")
      ->option_text("N")
      ->capture_default_str()
      ->check(refuse_negative);
  command->add_option("--format", options->format, "text or jsonl")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "jsonl"}));
  command->footer("A run without an end still runs, was killed or failed.");
  command->callback([options, &invocation] {
    invocation.run = [options] {
      DescriptorOutput out{STDOUT_FILENO};
      return run_runs(*options, out);
    };
  });
}

}  // namespace trawl::service::cli
