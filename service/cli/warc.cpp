// Every file is read to its end, whatever is found in those before, as the whole picture is asked.
#include "service/cli/warc.hpp"

#include "core/base/log.hpp"
#include "core/base/units.hpp"
#include "service/cli/command.hpp"
#include "service/cli/warc_extract.hpp"
#include "service/cli/warc_index.hpp"
#include "service/text/progress.hpp"

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

namespace {

// Leaves a command that writes data to standard output and remarks to standard error.
template <class Options>
void set_run(CLI::App& command, Invocation& invocation, std::shared_ptr<Options> options,
             ExitCode (*run)(const Options&, Output&, Output&)) {
  command.callback([options, run, &invocation] {
    invocation.run = [options, run] {
      DescriptorOutput out{STDOUT_FILENO};
      DescriptorOutput err{STDERR_FILENO};
      return run(*options, out, err);
    };
  });
}

void add_file_check(CLI::App& warc, Invocation& invocation) {
  auto* command = warc.add_subcommand("verify", "check every record: framing, digests, offsets");
  const auto options = std::make_shared<WarcOptions>();
  command->add_option("FILE", options->files, "WARC files, plain, gzip or zstd")->required();
  set_run(*command, invocation, options, run_warc_verify);
}

void add_index(CLI::App& warc, Invocation& invocation) {
  auto* command =
      warc.add_subcommand("index", "write a CDXJ index, for replay with pywb and others");
  const auto options = std::make_shared<WarcIndexOptions>();
  command->add_option("FILE", options->files, "WARC files, plain, gzip or zstd")->required();
  command->add_flag("--sort", options->sort, "in the order of the keys, as lookups need it");
  set_run(*command, invocation, options, run_warc_index);
}

void add_extract(CLI::App& warc, Invocation& invocation) {
  auto* command = warc.add_subcommand("extract", "write one record, or a part of it");
  const auto options = std::make_shared<WarcExtractOptions>();
  command->add_option("FILE", options->file, "WARC file, plain, gzip or zstd")->required();
  auto* offset = command->add_option("OFFSET", options->offset, "where the record begins")
                     ->check(refuse_negative);
  command->add_option("--url", options->url, "the first capture of this URL")->excludes(offset);
  auto* headers = command->add_flag("--headers", options->headers, "the WARC header and HTTP head");
  command->add_flag("--payload", options->payload, "the body alone, decoded")->excludes(headers);
  command
      ->add_flag("--raw", options->raw,
                 "with --payload the body as it is kept; alone the record as it stands in the file")
      ->excludes(headers);
  set_run(
      *command, invocation, options, +[](const WarcExtractOptions& given, Output& out, Output&) {
        return run_warc_extract(given, out);
      });
}

}  // namespace

void add_warc(CLI::App& app, Invocation& invocation) {
  auto* warc = app.add_subcommand("warc", "work on WARC files")->require_subcommand(1);
  add_file_check(*warc, invocation);
  add_index(*warc, invocation);
  add_extract(*warc, invocation);
}

}  // namespace trawl::service::cli
