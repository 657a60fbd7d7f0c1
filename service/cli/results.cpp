// Records are read on the pool's thread, turned into text on the loop and written on a thread of
// their own, so that neither a slow disk nor a slow reader stops the other two for long.
#include "service/cli/results.hpp"

#include "core/base/clock.hpp"
#include "core/coro/loop.hpp"
#include "core/coro/worker.hpp"
#include "service/cli/command.hpp"
#include "service/cli/filter_options.hpp"
#include "service/cli/remote.hpp"
#include "service/records/record_bodies.hpp"
#include "service/run/say.hpp"
#include "service/text/progress.hpp"
#include "storage/open.hpp"
#include "storage/sqlite/pool.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdint>
#include <memory>

namespace trawl::service::cli {
namespace {

constexpr std::size_t chunk_bytes = 128 * 1024;

// bodies: null without them. heading: what stands before all records.
coro::Task<> write_records(storage::Pool& pool, storage::RecordFilter filter, RecordFormat format,
                           FieldList fields, RecordBodies* bodies, std::string heading,
                           Output& out) {
  coro::Worker writer{"output", 1};
  auto records = storage::stream_records(pool, std::move(filter), UINT64_MAX);
  const bool rows = bodies != nullptr && format == RecordFormat::csv;
  std::string text = std::move(heading);
  for (;;) {
    auto asking = records.next();
    const std::optional<crawl::Record> record = co_await std::move(asking);
    if (record && bodies != nullptr) {
      auto reading = writer.run(
          [&] { rows ? bodies->append_row(text, *record) : bodies->append(text, *record); });
      co_await std::move(reading);
    } else if (record) {
      append_record(text, *record, format, fields);
    }
    if (record && text.size() < chunk_bytes) continue;
    auto writing = writer.run([&out, &text] { return out.write(text) && out.flush(); });
    const bool wanted = co_await std::move(writing);
    if (!wanted || !record) co_return;
    text.clear();
  }
}

// The daemon's records are in the same form already.
ExitCode results_of_job(const ResultsOptions& options, Output& out) {
  if (options.format != "jsonl")
    throw Failure(Errc::usage, "with --server the only format is jsonl");
  if (!options.fields.empty())
    throw Failure(Errc::usage, "with --server records have all of their fields");
  if (options.bodies || !options.text.empty() || !options.select.empty())
    throw Failure(Errc::usage,
                  "with --server there are records alone; bodies are at "
                  "/api/v1/jobs/NAME/body?url=URL");
  std::string query;
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty())
      query += fmt::format("{}{}={}", query.empty() ? '?' : '&', name, encode_segment(value));
  };
  add("state", options.filter.state);
  add("status", options.filter.status);
  add("host", options.filter.host);
  add("type", options.filter.type);
  add("since", options.filter.since);
  add("changed_since", options.filter.changed_since);
  add("error", options.filter.error);
  add("note", options.filter.note);
  add("live", options.filter.live ? "true" : "");
  if (options.filter.urls.size() > 1)
    throw Failure(Errc::usage, "with --server there can be one --url; re:(one|other) means both");
  if (!options.filter.urls.empty()) add("url", options.filter.urls.front());
  if (options.filter.limit) add("limit", fmt::format("{}", *options.filter.limit));
  const RemoteOptions remote{.server = options.server};
  auto client = remote.client();
  const auto answer =
      client.stream({.target = fmt::format("{}/results{}", job_target(options.folder), query)},
                    [&out](std::string_view piece) { return out.write(piece); });
  if (!answer.ok()) return complain(client, answer);
  out.flush();
  return ExitCode::ok;
}

}  // namespace

ExitCode run_results(const ResultsOptions& options, Output& out) {
  if (!options.server.empty()) return results_of_job(options, out);
  const auto format = record_format_from_string(options.format);
  if (!format)
    throw Failure(Errc::usage, fmt::format("\"{}\" is no format; they are jsonl, csv and table",
                                           options.format));
  auto fields = field_list(options.fields);
  if (!fields) throw Failure(fields.error());
  if (!fields->empty() && *format == RecordFormat::table)
    throw Failure(Errc::usage, "a table has its own columns; --fields is for jsonl and csv");
  const BodyParts parts{.bodies = options.bodies,
                        .text = text_part_of(options.text),
                        .fields = *fields,
                        .selection = selection_of(options.select)};
  if ((parts.bodies || parts.text) && *format != RecordFormat::jsonl)
    throw Failure(Errc::usage, "bodies and texts are written as jsonl alone");
  if (parts.selection && *format == RecordFormat::table)
    throw Failure(Errc::usage, "a table has its own columns; --select is for jsonl and csv");
  auto filter = read_filter(options.filter, system_clock().wall());
  if (!filter) throw Failure(filter.error());
  RecordBodies bodies{options.folder, parts};
  const bool rows = parts.any() && *format == RecordFormat::csv;
  std::string heading = rows ? bodies.heading() : record_heading(*format, *fields);
  storage::bring_up_to_date(options.folder);
  coro::Loop loop;
  storage::Pool pool{loop.executor(), std::filesystem::path{options.folder} / "crawl.db", 1};
  loop.run(write_records(pool, std::move(*filter), *format, std::move(*fields),
                         parts.any() ? &bodies : nullptr, std::move(heading), out));
  if (bodies.unanswered() > 0)
    say("{}: of {} it could not be found out what is selected (body_error)\n", options.folder,
        counted(bodies.unanswered(), "page"));
  if (bodies.unreadable() == 0) return ExitCode::ok;
  say("{}: {} can't be read (body_error); trawl verify {} says why\n", options.folder,
      bodies.unreadable() == 1 ? "1 body" : grouped(bodies.unreadable()) + " bodies",
      options.folder);
  return ExitCode::damaged;
}

void add_results(CLI::App& app, Invocation& invocation) {
  auto* command = app.add_subcommand("results", "stream the records of a crawl");
  const auto options = std::make_shared<ResultsOptions>();
  command->add_option("DIR", options->folder, "output folder of the crawl; a job with --server")
      ->required();
  command
      ->add_option("--server", options->server,
                   "ask a daemon; its token is in TRAWL_TOKEN, or the file TRAWL_TOKEN_FILE")
      ->option_text("URL");
  command->add_option("--format", options->format, "jsonl, csv or table")
      ->capture_default_str()
      ->check(CLI::IsMember({"jsonl", "csv", "table"}));
  command->add_option("--fields", options->fields, "only these, in this order: url,status,title")
      ->option_text("LIST")
      ->delimiter(',')
      ->take_all()
      ->allow_extra_args(false);
  command->add_flag("--with-bodies", options->bodies,
                    "with each record its body, as text or in base64; jsonl alone");
  add_text_option(*command, options->text);
  add_select_option(*command, options->select);
  add_filter_options(*command, options->filter);
  command->callback([options, &invocation] {
    invocation.run = [options] {
      DescriptorOutput out{STDOUT_FILENO};
      return run_results(*options, out);
    };
  });
}

}  // namespace trawl::service::cli
