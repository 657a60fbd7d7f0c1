// An archive has no index of its URLs, so all of it is read: at the speed of its decompression.
#include "service/cli/captures.hpp"

#include "core/base/log.hpp"
#include "core/base/units.hpp"
#include "service/cli/command.hpp"
#include "service/records/record_lookup.hpp"
#include "service/run/say.hpp"
#include "service/run/ticker.hpp"
#include "service/text/json_writer.hpp"
#include "service/text/progress.hpp"
#include "storage/open.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace trawl::service::cli {
namespace {

constexpr std::size_t text_bytes_max = 4096;

std::string status_text(const Capture& capture) {
  return capture.status ? fmt::format("{}", *capture.status) : "-";
}

// "2026-01-31T23:59:59Z  200  changed  12.3 KB  text/html  warc/a.warc.gz:1234"
std::string text_of(const Capture& capture, std::string_view change) {
  const std::string size = capture.bytes_kept ? human_bytes(*capture.bytes_kept) : "revisit";
  const std::string type = printable(capture.content_type, text_bytes_max);
  const bool get = capture.method.empty() || capture.method == "GET";
  return fmt::format("{}  {:>3}  {:<7}  {:>9}{}  {:<16} {}{}:{}\n", format_seconds(capture.at),
                     status_text(capture), change, size, capture.truncated ? " cut" : "",
                     type.empty() ? "-" : type, get ? "" : printable(capture.method) + " ",
                     printable(capture.position.file, text_bytes_max), capture.position.offset);
}

std::string json_of(const Capture& capture, std::string_view change) {
  std::string text;
  JsonWriter json{text};
  json.begin_object().key("url").text(capture.url);
  json.key("captured_at").text(format_seconds(capture.at)).key("status");
  capture.status ? json.integer(*capture.status) : json.null();
  json.key("change").text(change);
  json.key("method").text_or_null(capture.method);
  json.key("redirect_to").text_or_null(capture.redirect_to);
  json.key("content_type").text_or_null(capture.content_type);
  json.key("digest").text_or_null(capture.digest);
  json.key("bytes_kept");
  capture.bytes_kept ? json.integer(static_cast<std::int64_t>(*capture.bytes_kept)) : json.null();
  json.key("truncated").boolean(capture.truncated);
  json.key("revisit").boolean(capture.revisit);
  json.key("record_id").text_or_null(capture.record_id);
  json.key("archive").text(capture.position.file);
  json.key("archive_offset").integer(static_cast<std::int64_t>(capture.position.offset));
  json.key("archive_length").integer(static_cast<std::int64_t>(capture.position.length));
  json.end_object();
  return text + "\n";
}

Error why_none(storage::Db& db, const std::string& folder, std::string_view url,
               const SearchFigures& figures, const FoundCaptures& found) {
  const std::string name = printable(url, text_bytes_max);
  if (figures.files == 0)
    return {Errc::not_found,
            fmt::format("{} has no archive: nothing was fetched, or output.bodies was not "
                        "\"warc\", which alone keeps the earlier answers of a page",
                        folder)};
  std::string message =
      fmt::format("{} of {} has no answer of {}",
                  found.damaged ? "what can be read of the archive" : "the archive", folder, name);
  const auto record = look_up(db, url);
  if (found.gaps.last && found.gaps.last->outcome.archive)
    message += fmt::format("; its last one is the file {}",
                           printable(found.gaps.last->outcome.archive->file, text_bytes_max));
  else if (record && *record && !(*record)->outcome.archive)
    message += fmt::format("; its state is {}: trawl explain {} {}",
                           crawl::to_string((*record)->outcome.state), folder, name);
  return {found.damaged ? Errc::damaged : Errc::not_found, message};
}

// Of a folder that was filled with other output.bodies, too.
std::string words_of(const ArchiveGaps& gaps, const std::vector<Capture>& captures) {
  const Capture& newest = captures.back();
  std::string text;
  if (has_later(gaps, &newest)) {
    const auto& file = gaps.last->outcome.archive;
    text = fmt::format(
        "a later answer, of {}, is {}\n", format_seconds(gaps.since),
        file ? "not in the archive but the file " + printable(file->file, text_bytes_max)
             : "not kept");
  }
  if (const auto lost = lost_behind(gaps, captures, captures.front()))
    text += fmt::format("{} of it {} not kept: output.bodies was not \"warc\" then\n",
                        counted(lost, "other answer"), lost == 1 ? "is" : "are");
  return text;
}

}  // namespace

FoundCaptures search_captures(const std::string& folder, std::string_view url,
                              std::string_view method, bool quiet) {
  auto db = storage::open_results(folder);
  const auto forms = url_forms(db, url);
  if (!forms) throw Failure(forms.error());
  const auto record = look_up(db, url);
  auto urls = *forms;
  // What a mirror served is kept as the mirror's.
  if (record && *record && !(*record)->outcome.served_by.empty())
    urls.push_back((*record)->outcome.served_by);
  FoundCaptures found;
  SearchFigures figures;
  {
    std::optional<Ticker> ticker;
    if (!quiet)
      ticker.emplace([&] {
        return fmt::format("{}: archive file {}, {}, {} found", folder, grouped(figures.files),
                           counted(figures.records, "record"), grouped(figures.found));
      });
    found.captures = find_captures(folder, db, urls, figures, [&](const Error& error) {
      found.damaged = true;
      say("trawl: {}\n", printable(error.detail, text_bytes_max));
    });
  }
  const auto asked = look_up(db, url, method);
  found.gaps = gaps_of(db, asked ? *asked : std::nullopt, by_method(found.captures, method));
  if (found.captures.empty()) found.none = why_none(db, folder, url, figures, found);
  return found;
}

ExitCode run_captures(const CapturesOptions& options, Output& out, Output& err) {
  const auto found = search_captures(options.folder, options.url, {}, options.quiet);
  if (found.none) throw Failure(*found.none);
  const auto changes = changes_of(found.captures);
  for (std::size_t i = 0; i < found.captures.size(); ++i) {
    const Capture& capture = found.captures[i];
    const auto change = changes[i] ? crawl::to_string(*changes[i]) : "same";
    out.write(options.format == "jsonl" ? json_of(capture, change) : text_of(capture, change));
  }
  out.flush();
  if (!options.quiet) {
    const auto same = std::ranges::count_if(changes, [](const auto& change) { return !change; });
    err.write(fmt::format("{}, {} like the one before; trawl cat {} {} --at TIME writes one\n",
                          counted(found.captures.size(), "capture"), grouped(std::uint64_t(same)),
                          options.folder, printable(options.url, text_bytes_max)));
    if (!found.damaged) err.write(words_of(found.gaps, by_method(found.captures, {})));
    err.flush();
  }
  return found.damaged ? ExitCode::damaged : ExitCode::ok;
}

void add_captures(CLI::App& app, Invocation& invocation) {
  auto* command = app.add_subcommand("captures", "list all answers of a URL that the archive has");
  const auto options = std::make_shared<CapturesOptions>();
  command->add_option("DIR", options->folder, "output folder of the crawl")->required();
  command->add_option("URL", options->url, "the URL, as it was found or in canonical form")
      ->required();
  command->add_option("--format", options->format, "text or jsonl")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "jsonl"}));
  command->footer(
      "Reads the whole archive. What is new, same or changed is so against the line before.");
  command->callback([options, &invocation] {
    invocation.run = [options, &invocation] {
      options->quiet = invocation.globals.quiet;
      DescriptorOutput out{STDOUT_FILENO}, err{STDERR_FILENO};
      return run_captures(*options, out, err);
    };
  });
}

}  // namespace trawl::service::cli
