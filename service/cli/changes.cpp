// Of one folder the database's history is asked, of two their records are compared.
#include "service/cli/changes.hpp"

#include "core/base/clock.hpp"
#include "core/base/log.hpp"
#include "service/cli/command.hpp"
#include "service/folder_difference.hpp"
#include "service/history_json.hpp"
#include "service/progress.hpp"
#include "service/time_text.hpp"
#include "storage/open.hpp"
#include "storage/sqlite/changes.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <utility>

namespace trawl::service::cli {
namespace {

using crawl::PageChange;

constexpr std::size_t batch_pages = 256;
constexpr std::size_t url_bytes_max = 4096;

// The error of one that brought nothing; else its status, "200>301" when it was another one.
std::string end_of(const PageDifference& page) {
  const crawl::Outcome& outcome = page.record->outcome;
  if (outcome.error) return std::string{to_string(*outcome.error)};
  if (!outcome.status) return "-";
  if (!page.status_before || *page.status_before == *outcome.status)
    return fmt::format("{}", *outcome.status);
  return fmt::format("{}>{}", *page.status_before, *outcome.status);
}

class ChangeList {
 public:
  ChangeList(const ChangesOptions& options, Output& out) : options_(options), out_(out) {}

  void add(const PageDifference& page) {
    ++counts_[static_cast<std::size_t>(page.what)];
    out_.write(options_.format == "jsonl" ? json_of(page) : text_of(page));
  }

  // "3 new, 12 changed, 1 gone, 0 failed"
  std::string summary() const {
    std::vector<std::string> parts;
    for (const auto what : {PageChange::fresh, PageChange::changed, PageChange::gone,
                            PageChange::failed, PageChange::excluded})
      parts.push_back(
          fmt::format("{} {}", grouped(counts_[static_cast<std::size_t>(what)]), to_string(what)));
    return fmt::format("{}", fmt::join(parts, ", "));
  }

 private:
  static std::string text_of(const PageDifference& page) {
    return fmt::format("{:<8}  {:<7}  {}\n", to_string(page.what), end_of(page),
                       printable(page.record->url, url_bytes_max));
  }

  static std::string json_of(const PageDifference& page) {
    std::string text;
    append_change(text, page);
    return text + "\n";
  }

  const ChangesOptions& options_;
  Output& out_;
  std::array<std::uint64_t, 5> counts_{};
};

Wall last_run(storage::Db& db, const std::string& folder) {
  if (const auto began = last_run_began(db)) return *began;
  throw Failure(Errc::usage, fmt::format("since when? {} doesn't know of any run; give --since "
                                         "7d, or a second folder to compare",
                                         folder));
}

// What was said of one folder, as for a summary: "since 2026-01-31T23:59:59.000Z".
std::string list_since(const ChangesOptions& options, ChangeList& list) {
  auto db = storage::open_results(options.folders.front());
  const auto since = options.since.empty() ? last_run(db, options.folders.front())
                                           : read_since(options.since, system_clock().wall());
  if (!since) throw Failure(since.error());
  storage::ChangeQuery query{db, since->time_since_epoch().count()};
  for (;;) {
    const auto batch = query.next_batch(batch_pages);
    if (batch.empty()) break;
    for (const auto& page : batch)
      list.add({.what = page.what, .record = &page.record, .status_before = {}});
  }
  return "since " + format_rfc3339(*since);
}

std::string list_between(const ChangesOptions& options, ChangeList& list) {
  auto before = storage::open_results(options.folders.front());
  auto now = storage::open_results(options.folders.back());
  const auto compared =
      compare_folders(before, now, [&list](const PageDifference& page) { list.add(page); });
  std::string text = fmt::format("from {} to {}", options.folders.front(), options.folders.back());
  if (compared.queued > 0)
    text += fmt::format(", which is not finished: {} queued", grouped(compared.queued));
  return text;
}

}  // namespace

ExitCode run_changes(const ChangesOptions& options, Output& out, Output& err) {
  const bool two = options.folders.size() == 2;
  if (options.folders.empty() || options.folders.size() > 2)
    throw Failure(Errc::usage, "give one folder, or two: the old one and the new one");
  if (two && !options.since.empty())
    throw Failure(Errc::usage, "--since is for one folder; two are compared as they are");
  ChangeList list{options, out};
  const std::string what = two ? list_between(options, list) : list_since(options, list);
  out.flush();
  if (!options.quiet) err.write(fmt::format("{} {}\n", list.summary(), what));
  err.flush();
  return ExitCode::ok;
}

void add_changes(CLI::App& app, Invocation& invocation) {
  auto* command = app.add_subcommand(
      "changes", "pages that are new, changed, gone or failed, since a time or between two crawls");
  const auto options = std::make_shared<ChangesOptions>();
  command
      ->add_option("DIR", options->folders,
                   "output folder of the crawl; or the old one and the new one")
      ->required()
      ->expected(1, 2)
      ->option_text("DIR | OLD NEW");
  command
      ->add_option("--since", options->since,
                   "of one folder: 2026-01-31T23:59:59Z, 2026-01-31, 7d (ago); else the last run")
      ->option_text("TIME");
  command->add_option("--format", options->format, "text or jsonl")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "jsonl"}));
  command->footer(
      "One folder knows what its runs with --again or [recrawl] found. Two are compared page by "
      "page.");
  command->callback([options, &invocation] {
    invocation.run = [options, &invocation] {
      options->quiet = invocation.globals.quiet;
      DescriptorOutput out{STDOUT_FILENO}, err{STDERR_FILENO};
      return run_changes(*options, out, err);
    };
  });
}

}  // namespace trawl::service::cli
