// The record tells where the body is; without a body it tells why there is none.
#include "service/cli/cat.hpp"

#include "core/base/clock.hpp"
#include "core/base/log.hpp"
#include "core/base/note.hpp"
#include "service/cli/captures.hpp"
#include "service/cli/command.hpp"
#include "service/folder/archive_gaps.hpp"
#include "service/records/record_lookup.hpp"
#include "service/run/say.hpp"
#include "service/text/progress.hpp"
#include "service/text/time_text.hpp"
#include "storage/open.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace trawl::service::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t hints_max = 3;

[[noreturn]] void refuse_unknown(storage::Db& db, const CatOptions& options) {
  std::string message =
      fmt::format("{} is not in this crawl ({})", printable(options.url), options.folder);
  if (options.url.ends_with("/robots.txt") && fs::exists(fs::path{options.folder} / "warc"))
    throw Failure(Errc::not_found,
                  message + fmt::format("; answers to robots.txt have no record, they are in the "
                                        "archive: trawl warc extract {}/warc/FILE --url {}",
                                        options.folder, printable(options.url)));
  const auto hints = similar_urls(db, options.url, hints_max);
  if (hints.empty()) message += "; nor is any other URL of its host";
  if (!hints.empty()) message += "; near it are:";
  for (const std::string& hint : hints) message += "\n  " + printable(hint);
  throw Failure(Errc::not_found, message);
}

// ": dns: no address for example.org"
std::string reason_of(const crawl::Outcome& outcome) {
  if (!outcome.error) return {};
  const std::string detail = printable(outcome.error_detail);
  return fmt::format(": {}{}{}", to_string(*outcome.error), detail.empty() ? "" : ": ", detail);
}

std::string why_no_body(const crawl::Record& record) {
  const crawl::Outcome& outcome = record.outcome;
  const std::string url = printable(record.url), reason = reason_of(outcome);
  switch (outcome.state) {
    case crawl::UrlState::queued:
      return outcome.attempts == 0 ? fmt::format("{} is queued and not fetched yet", url)
                                   : fmt::format("{} is queued again after {} attempts{}", url,
                                                 outcome.attempts, reason);
    case crawl::UrlState::failed:
      return fmt::format("{} could not be fetched in {} attempts{}", url, outcome.attempts, reason);
    case crawl::UrlState::excluded:
      return fmt::format("{} was excluded{}", url, reason);
    case crawl::UrlState::fetched:
      break;
  }
  if (has_note(outcome.note, "other_type") && outcome.revisit != crawl::Revisit::kept)
    return fmt::format("{} was asked for, but its body was not received: fetch.types leaves out {}",
                       url, printable(outcome.content_type));
  if (has_note(outcome.note, "max_body"))
    return fmt::format(
        "{} was fetched, but its body was not kept: it is longer than fetch.max_body", url);
  std::string text = fmt::format(
      "{} was fetched{}, but its body was not kept (output.bodies{}, or output.types)", url,
      outcome.status ? fmt::format(" ({})", *outcome.status) : "",
      outcome.status != 200 ? ", of which \"files\" keeps those of status 200 alone" : "");
  if (!outcome.redirect_to.empty())
    text += fmt::format("; it redirects to {}", printable(outcome.redirect_to));
  return text;
}

// The archive has the record, so what it refers to should be there.
Failure failure_of(Error error) {
  if (error.code == Errc::not_found) error.code = Errc::damaged;
  return Failure{std::move(error)};
}

const Capture& capture_of(const std::vector<Capture>& captures, Wall time,
                          const CatOptions& options, bool damaged) {
  const std::string url = printable(options.url);
  if (damaged && capture_at(captures, time) == nullptr)
    throw Failure(
        Errc::damaged,
        fmt::format("what can be read of the archive has no answer of {} to {} from then; "
                    "trawl verify {} says what is lost",
                    url, options.method.empty() ? "GET" : printable(options.method),
                    options.folder));
  if (captures.empty())
    throw Failure(Errc::not_found,
                  fmt::format("the archive has no answer of {} to {}; all of them: trawl captures "
                              "{} {}",
                              url, printable(options.method), options.folder, url));
  const Capture* const capture = capture_at(captures, time);
  if (capture == nullptr)
    throw Failure(Errc::not_found,
                  fmt::format("the archive has no answer of {} before {}, which is its first one; "
                              "all of them: trawl captures {} {}",
                              url, format_seconds(captures.front().at), options.folder, url));
  return *capture;
}

using Originals = std::function<std::optional<crawl::ArchivePosition>(std::string_view)>;

BodyForm form_of(const Capture& capture, BodyForm form, const Originals& originals) {
  form.originals = originals(capture.refers_to) ? &originals : nullptr;
  return form;
}

// Of answers that can't be decoded the whole one before, where there is one.
const Capture& readable_one(const std::vector<Capture>& captures, const Capture& wanted,
                            const CatOptions& options, const Originals& originals) {
  const auto is_readable = [&](const Capture& capture) {
    const auto read = read_stored_body(options.folder, record_of(capture),
                                       form_of(capture, options.form, originals),
                                       [](std::string_view) { return true; });
    return read || read.error().code != Errc::decode;
  };
  if (options.form.raw || is_readable(wanted)) return wanted;
  for (auto i = &wanted - captures.data(); i-- > 0;) {
    const Capture& capture = captures[static_cast<std::size_t>(i)];
    if (!is_whole(capture) || !is_readable(capture)) continue;
    say("{}: the answer of {} can't be decoded; this is the one of {}\n", printable(options.url),
        format_seconds(wanted.at), format_seconds(capture.at));
    return capture;
  }
  return wanted;
}

// Of the record, as it is now.
ExitCode cat_record(const crawl::Record& record, const CatOptions& options, Output& out) {
  const auto read = read_stored_body(options.folder, record, options.form,
                                     [&out](std::string_view piece) { return out.write(piece); });
  out.flush();
  if (!read) throw failure_of(read.error());
  if (record.outcome.truncated)
    say("{}: this is not the whole body{}\n", printable(record.url),
        record.outcome.bytes_body == 0 ? ", of which nothing was kept" : "");
  if (record.outcome.error == Errc::decode && !options.form.raw)
    say("{}: the body was received damaged or wrongly coded{}\n", printable(record.url),
        reason_of(record.outcome));
  return ExitCode::ok;
}

// The page of that time is the record's, which is a file, or nowhere.
ExitCode cat_unarchived(const ArchiveGaps& gaps, const Capture* before, const CatOptions& options,
                        Output& out) {
  const crawl::Record& record = *gaps.last;
  if (record.outcome.archive) return cat_record(record, options, out);
  std::string message = fmt::format("its answer of {} can't be shown: {}",
                                    format_seconds(gaps.since), why_no_body(record));
  if (before != nullptr)
    message += fmt::format("; the one before that is kept: --at {}", format_seconds(before->at));
  throw Failure(Errc::not_found, message);
}

ExitCode cat_capture(const CatOptions& options, Output& out) {
  const auto time = read_until(options.at, system_clock().wall());
  if (!time) throw Failure(time.error());
  auto found = search_captures(options.folder, options.url, options.method, options.quiet);
  const Originals originals = [all = found.captures](std::string_view id) {
    return original_of(all, id);
  };
  const auto captures = by_method(std::move(found.captures), options.method);
  const Capture* const last = capture_at(captures, *time);
  if (*time >= found.gaps.since && has_later(found.gaps, last)) {
    const ExitCode code = cat_unarchived(found.gaps, last, options, out);
    return found.damaged ? ExitCode::damaged : code;
  }
  if (found.none) throw Failure(*found.none);
  const Capture& wanted = capture_of(captures, *time, options, found.damaged);
  if (const auto lost = lost_behind(found.gaps, captures, wanted); lost > 0 && !found.damaged)
    say("{}: this is its answer of {}; {} of it {} not kept (output.bodies was not \"warc\" then), "
        "and may have come between that and --at\n",
        printable(options.url), format_seconds(wanted.at), counted(lost, "answer"),
        lost == 1 ? "is" : "are");
  const Capture& capture = readable_one(captures, wanted, options, originals);
  const BodyForm form = form_of(capture, options.form, originals);
  const auto read = read_stored_body(options.folder, record_of(capture), form,
                                     [&out](std::string_view piece) { return out.write(piece); });
  out.flush();
  if (!read) throw failure_of(read.error());
  if (capture.truncated) say("{}: this is not the whole body\n", printable(options.url));
  return found.damaged ? ExitCode::damaged : ExitCode::ok;
}

}  // namespace

ExitCode run_cat(const CatOptions& options, Output& out) {
  if (!options.at.empty()) return cat_capture(options, out);
  storage::Db db = storage::open_results(options.folder);
  const auto found = look_up(db, options.url, options.method);
  if (!found) throw Failure(found.error());
  if (!*found) refuse_unknown(db, options);
  const crawl::Record& record = **found;
  if (!record.outcome.archive) throw Failure(Errc::not_found, why_no_body(record));
  return cat_record(record, options, out);
}

void add_cat(CLI::App& app, Invocation& invocation) {
  auto* command = app.add_subcommand("cat", "write the stored body of a URL");
  const auto options = std::make_shared<CatOptions>();
  command->add_option("DIR", options->folder, "output folder of the crawl")->required();
  command->add_option("URL", options->url, "the URL, as it was found or in canonical form")
      ->required();
  command
      ->add_option("--method", options->method,
                   "of the request, where a list asked for the URL with several")
      ->option_text("METHOD");
  command
      ->add_option("--at", options->at,
                   "as the archive has it from then: 2026-01-31T23:59:59Z, 2026-01-31, 7d (ago)")
      ->option_text("TIME")
      ->check([](const std::string& text) {
        return text.empty() ? std::string{"the time is empty"} : std::string{};
      });
  command->add_flag("--headers", options->form.head, "the HTTP head before the body");
  command->add_flag("--raw", options->form.raw, "the body as received, content coding and all");
  command->callback([options, &invocation] {
    invocation.run = [options, &invocation] {
      options->quiet = invocation.globals.quiet;
      DescriptorOutput out{STDOUT_FILENO};
      return run_cat(*options, out);
    };
  });
}

}  // namespace trawl::service::cli
