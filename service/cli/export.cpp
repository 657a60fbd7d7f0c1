// Records are read on the pool's thread and written on another, a batch at a time; neither holds a
// transaction of the crawl's database open, so an export may take hours beside a running job.
#include "service/cli/export.hpp"

#include "core/base/clock.hpp"
#include "core/base/units.hpp"
#include "core/coro/loop.hpp"
#include "core/coro/worker.hpp"
#include "service/cli/command.hpp"
#include "service/cli/filter_options.hpp"
#include "service/cli/results.hpp"
#include "service/files/crawl_files.hpp"
#include "service/records/export_file.hpp"
#include "service/records/record_bodies.hpp"
#include "service/text/progress.hpp"
#include "storage/open.hpp"
#include "storage/sqlite/pool.hpp"
#include "storage/sqlite/schema.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace trawl::service::cli {
namespace {

constexpr std::size_t batch_records = 512;

coro::Task<std::uint64_t> write_all(storage::Pool& pool, storage::RecordFilter filter,
                                    ExportFile& file) {
  coro::Worker writer{"export", 1};
  auto records = storage::stream_records(pool, std::move(filter), UINT64_MAX);
  std::vector<crawl::Record> batch;
  std::uint64_t written = 0;
  for (bool more = true; more;) {
    auto asking = records.next();
    auto record = co_await std::move(asking);
    more = record.has_value();
    if (record) batch.push_back(std::move(*record));
    if (more && batch.size() < batch_records) continue;
    auto writing = writer.run([&file, &batch] {
      for (const crawl::Record& each : batch) file.add(each);
    });
    co_await std::move(writing);
    written += batch.size();
    batch.clear();
  }
  auto finishing = writer.run([&file] { file.finish(); });
  co_await std::move(finishing);
  co_return written;
}

ExportFormat format_of(const ExportOptions& options) {
  if (options.format.empty()) return export_format_of(options.file);
  if (const auto format = export_format_from_string(options.format)) return *format;
  throw Failure(Errc::usage,
                fmt::format("\"{}\" is no format; they are jsonl, csv and sqlite", options.format));
}

ExitCode export_to_output(const ExportOptions& options, ExportFormat format, Output& out) {
  if (format == ExportFormat::sqlite)
    throw Failure(Errc::usage, "a database can't go to standard output; name a file with -o");
  return run_results({.folder = options.folder,
                      .format = format == ExportFormat::csv ? "csv" : "jsonl",
                      .filter = options.filter,
                      .bodies = options.bodies,
                      .text = options.text,
                      .select = options.select},
                     out);
}

}  // namespace

ExitCode run_export(const ExportOptions& options, Output& out, Output& err) {
  const ExportFormat format = format_of(options);
  const BodyParts parts{.bodies = options.bodies,
                        .text = text_part_of(options.text),
                        .selection = selection_of(options.select)};
  if ((parts.bodies || parts.text) && format != ExportFormat::jsonl)
    throw Failure(Errc::usage, "bodies and texts are written as jsonl alone");
  if (parts.selection && format == ExportFormat::sqlite)
    throw Failure(Errc::usage, "what is selected is written as jsonl and csv alone");
  if (options.file.empty() || options.file == "-") return export_to_output(options, format, out);
  refuse_crawl_files(options.folder, options.file);
  auto filter = read_filter(options.filter, system_clock().wall());
  if (!filter) throw Failure(filter.error());
  RecordBodies bodies{options.folder, parts};
  TextForm form;
  if (parts.selection && format == ExportFormat::csv) form.heading = bodies.heading();
  const std::filesystem::path database = std::filesystem::path{options.folder} / "crawl.db";
  storage::bring_up_to_date(options.folder);
  storage::open_for_reading(database);  // what is wrong with it is said before a file is begun
  std::uint64_t written = 0;
  if (parts.any())
    form.append = [&bodies, format](std::string& text, const crawl::Record& record) {
      format == ExportFormat::csv ? bodies.append_row(text, record) : bodies.append(text, record);
    };
  try {
    const auto file = ExportFile::create(options.file, format, std::move(form));
    coro::Loop loop;
    storage::Pool pool{loop.executor(), database, 1};
    written = loop.run(write_all(pool, std::move(*filter), *file));
  } catch (const Failure& failure) {
    if (failure.code() != Errc::io && failure.code() != Errc::disk_full) throw;
    throw Failure(failure.code(),
                  fmt::format("{}; {} was not written, and what was there before is as it was: "
                              "export it again, or to another place with -o",
                              failure.what(), options.file));
  }
  const ExitCode code = bodies.unreadable() > 0 ? ExitCode::damaged : ExitCode::ok;
  if (options.quiet) return code;
  std::string text = fmt::format("{}: {}, {}", options.file, counted(written, "record"),
                                 human_bytes(std::filesystem::file_size(options.file)));
  if (bodies.unreadable() > 0)
    text += fmt::format(", {} of whose bodies can't be read (body_error)",
                        grouped(bodies.unreadable()));
  if (bodies.unanswered() > 0)
    text += fmt::format(", of {} of which it could not be found out what is selected (body_error)",
                        counted(bodies.unanswered(), "page"));
  err.write(text + "\n");
  err.flush();
  return code;
}

void add_export(CLI::App& app, Invocation& invocation) {
  auto* command = app.add_subcommand("export", "write the records of a crawl into a file");
  const auto options = std::make_shared<ExportOptions>();
  command->add_option("DIR", options->folder, "output folder of the crawl")->required();
  command->add_option("--format", options->format, "jsonl, csv or sqlite; else by the file's name")
      ->check(CLI::IsMember({"jsonl", "csv", "sqlite"}));
  command
      ->add_option("-o,--output", options->file,
                   "the file; .gz and .zst compress; - or none is standard output")
      ->option_text("FILE");
  command->add_flag("--with-bodies", options->bodies,
                    "with each record its body, as text or in base64; jsonl alone");
  add_text_option(*command, options->text);
  add_select_option(*command, options->select);
  add_filter_options(*command, options->filter);
  command->footer("The file is there whole or not at all, and may be made while the job runs.");
  command->callback([options, &invocation] {
    invocation.run = [options, &invocation] {
      options->quiet = invocation.globals.quiet;
      DescriptorOutput out{STDOUT_FILENO}, err{STDERR_FILENO};
      return run_export(*options, out, err);
    };
  });
}

}  // namespace trawl::service::cli
