// Every file is read to its end, whatever is found in those before, as the whole picture is asked.
#include "service/cli/warc.hpp"

#include "core/base/log.hpp"
#include "core/base/units.hpp"
#include "service/cli/command.hpp"
#include "service/progress.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <memory>

namespace trawl::service::cli {

std::string verify_report(std::string_view file, const storage::WarcSummary& summary) {
  const std::string name = printable(file, 4096);
  std::string types;
  for (const auto& [type, count] : summary.types)
    types += fmt::format("{}{} {}", types.empty() ? "" : ", ", grouped(count), printable(type, 64));
  const std::string verdict =
      summary.fault_count == 0 ? "ok" : counted(summary.fault_count, "fault");
  std::string text =
      fmt::format("{}: {}, {}{}, {}\n", name, verdict, counted(summary.records, "record"),
                  types.empty() ? "" : fmt::format(" ({})", types), human_bytes(summary.bytes));
  for (const auto& fault : summary.faults)
    text += fmt::format("{}: offset {}: {}\n", name, fault.offset, printable(fault.what, 1024));
  if (summary.fault_count > summary.faults.size())
    text += fmt::format("{}: and {} faults more\n", name,
                        grouped(summary.fault_count - summary.faults.size()));
  return text;
}

ExitCode run_warc_verify(const WarcOptions& options, Output& out, Output& err) {
  bool faulty = false, unreadable = false;
  for (const std::string& file : options.files) {
    const auto summary = storage::verify_warc(file);
    if (!summary) {
      unreadable = true;
      err.write(fmt::format("trawl: {}\n", printable(summary.error().detail, 4096)));
      err.flush();
      continue;
    }
    faulty = faulty || summary->fault_count > 0;
    out.write(verify_report(file, *summary));
    if (!out.flush()) break;
  }
  if (faulty) return ExitCode::damaged;
  return unreadable ? ExitCode::environment : ExitCode::ok;
}

void add_warc(CLI::App& app, Invocation& invocation) {
  auto* warc = app.add_subcommand("warc", "work on WARC files")->require_subcommand(1);
  auto* verify = warc->add_subcommand("verify", "check every record: framing, digests, offsets");
  const auto options = std::make_shared<WarcOptions>();
  verify->add_option("FILE", options->files, "WARC files, plain, gzip or zstd")->required();
  verify->callback([options, &invocation] {
    invocation.run = [options] {
      DescriptorOutput out{STDOUT_FILENO};
      DescriptorOutput err{STDERR_FILENO};
      return run_warc_verify(*options, out, err);
    };
  });
}

}  // namespace trawl::service::cli
