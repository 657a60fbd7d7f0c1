// Reads only, and needs no lock: a job may be running on the folder.
#include "service/cli/explain.hpp"

#include "core/base/log.hpp"
#include "core/base/result.hpp"
#include "service/cli/command.hpp"
#include "service/explain/explain_facts.hpp"
#include "storage/open.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <memory>

namespace trawl::service::cli {

ExitCode run_explain(const ExplainOptions& options, Wall now, Output& out) {
  storage::Db db = storage::open_results(options.folder);
  const auto facts = gather_explanation(db, options.folder, options.url, now, options.method);
  if (!facts) throw Failure(facts.error());
  if (!options.method.empty() && !facts->row)
    throw Failure(Errc::not_found,
                  fmt::format("{} was not asked for with {} in this crawl ({}); without --method "
                              "the URL itself is explained",
                              printable(options.url), printable(options.method), options.folder));
  out.write(options.json ? explanation_json(*facts) : explanation_text(*facts));
  out.flush();
  return ExitCode::ok;
}

void add_explain(CLI::App& app, Invocation& invocation) {
  auto* command = app.add_subcommand("explain", "why a URL was or wasn't fetched");
  const auto options = std::make_shared<ExplainOptions>();
  command->add_option("DIR", options->folder, "output folder of the crawl")->required();
  command->add_option("URL", options->url, "any spelling of it")->required();
  command
      ->add_option("--method", options->method,
                   "of the request, where a list asked for the URL with several")
      ->option_text("METHOD");
  command->add_flag("--json", options->json, "one JSON object instead of text");
  command->footer("Also for URLs that the crawl does not know: what would become of them.");
  command->callback([options, &invocation] {
    invocation.run = [options] {
      DescriptorOutput out{STDOUT_FILENO};
      return run_explain(*options, system_clock().wall(), out);
    };
  });
}

}  // namespace trawl::service::cli
