// What a record was when it was read decides; a URL that is queued meanwhile is behind the reader.
#include "service/cli/requeue.hpp"

#include "core/base/clock.hpp"
#include "core/base/limits.hpp"
#include "service/cli/command.hpp"
#include "service/cli/filter_options.hpp"
#include "service/folder/requeue.hpp"
#include "storage/open.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

namespace trawl::service::cli {
namespace {

bool is_empty(const FilterText& filter) {
  for (const std::string* text :
       {&filter.state, &filter.status, &filter.host, &filter.type, &filter.since,
        &filter.changed_since, &filter.error, &filter.note})
    if (!text->empty()) return false;
  return filter.urls.empty() && !filter.live;
}

}  // namespace

ExitCode run_requeue(const RequeueOptions& options, Output& err) {
  if (is_empty(options.filter))
    throw Failure(
        Errc::usage,
        "which URLs? Give a condition such as --status 5xx or --url '*/docs/*'; the option "
        "--again of crawl, fetch and run fetches all of them");
  auto filter = read_filter(options.filter, system_clock().wall());
  if (!filter) throw Failure(filter.error());
  const auto database = std::filesystem::path{options.folder} / "crawl.db";
  if (!std::filesystem::exists(database))
    throw Failure(Errc::not_found, fmt::format("there is no {}", database.string()));
  const auto held = storage::OutputFolder::open(options.folder);
  Requeue requeue{held};
  auto db = storage::open_results(options.folder);
  // Nobody takes that back by asking for something else.
  const bool forgotten = std::ranges::count(filter->errors, Errc::forgotten) > 0;
  storage::RecordQuery query{db, std::move(*filter)};
  std::uint64_t found = 0, queued = 0;
  std::vector<crawl::UrlId> ids;
  for (bool more = true; more;) {
    const auto records = query.next_batch(limits::requeued_urls_max / 10);
    more = !records.empty();
    found += records.size();
    for (const crawl::Record& record : records) ids.push_back(record.id);
    if (more && ids.size() < limits::requeued_urls_max) continue;
    queued += requeue.add(ids, forgotten);
    ids.clear();
  }
  if (options.quiet) return ExitCode::ok;
  err.write(fmt::format("{}: {}\n", options.folder, queued_words(queued, found - queued)));
  err.flush();
  return ExitCode::ok;
}

void add_requeue(CLI::App& app, Invocation& invocation) {
  auto* command =
      app.add_subcommand("requeue", "have the next run fetch some of a crawl's URLs once more");
  const auto options = std::make_shared<RequeueOptions>();
  command->add_option("DIR", options->folder, "output folder of the crawl")->required();
  add_filter_options(*command, options->filter);
  command->footer(
      "Conditions hold together. Pages are asked for whole, and keep what they have until then. "
      "Then "
      "run the crawl again.");
  command->callback([options, &invocation] {
    invocation.run = [options, &invocation] {
      options->quiet = invocation.globals.quiet;
      DescriptorOutput err{STDERR_FILENO};
      return run_requeue(*options, err);
    };
  });
}

}  // namespace trawl::service::cli
