// Of one folder the database's history is asked, of two their records are compared.
#include "service/cli/changes.hpp"

#include "core/base/clock.hpp"
#include "core/base/log.hpp"
#include "core/base/note.hpp"
#include "service/cli/command.hpp"
#include "service/cli/filter_options.hpp"
#include "service/files/part_file.hpp"
#include "service/folder/folder_difference.hpp"
#include "service/folder/history_json.hpp"
#include "service/records/record_bodies.hpp"
#include "service/text/progress.hpp"
#include "service/text/time_text.hpp"
#include "storage/files/file_handle.hpp"
#include "storage/open.hpp"
#include "storage/sqlite/changes.hpp"
#include "storage/sqlite/epochs.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <utility>

namespace trawl::service::cli {
namespace {

using crawl::PageChange;

constexpr std::size_t batch_pages = 256;
constexpr std::size_t url_bytes_max = 4096;

// The error of one that brought nothing, or the note of one that is kept for another reason; else
// its status, "200>301" when it was another one.
std::string end_of(const PageDifference& page) {
  const crawl::Outcome& outcome = page.record->outcome;
  if (outcome.error) return std::string{to_string(*outcome.error)};
  if (outcome.revisit == crawl::Revisit::kept && has_note(outcome.note, "other_type"))
    return "other_type";
  if (!outcome.status) return "-";
  if (!page.status_before || *page.status_before == *outcome.status)
    return fmt::format("{}", *outcome.status);
  return fmt::format("{}>{}", *page.status_before, *outcome.status);
}

class ChangeList {
 public:
  ChangeList(const ChangesOptions& options, Output& out)
      : options_(options),
        out_(out),
        parts_{.bodies = options.bodies, .text = text_part_of(options.text)},
        bodies_(options.folders.back(), parts_) {
    if (parts_.any() && options.format != "jsonl")
      throw Failure(Errc::usage, "bodies and texts are written as jsonl alone: --format jsonl");
  }

  void add(const PageDifference& page) {
    ++counts_[static_cast<std::size_t>(page.what)];
    taken_ = taken_ && out_.write(options_.format == "jsonl" ? json_of(page) : text_of(page));
  }

  // False: whoever reads went away.
  bool all_taken() const { return taken_; }
  std::uint64_t unreadable() const { return bodies_.unreadable(); }

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

  std::string json_of(const PageDifference& page) {
    std::string text;
    append_change(text, page, parts_.any() ? &bodies_ : nullptr);
    return text + "\n";
  }

  const ChangesOptions& options_;
  Output& out_;
  BodyParts parts_;
  RecordBodies bodies_;
  bool taken_ = true;
  std::array<std::uint64_t, 5> counts_{};
};

Wall last_run(storage::Db& db, const std::string& folder) {
  if (const auto began = last_run_began(db)) return *began;
  throw Failure(Errc::usage, fmt::format("since when? {} doesn't know of any run; give --since "
                                         "7d, or a second folder to compare",
                                         folder));
}

void add_all(storage::ChangeQuery& query, ChangeList& list) {
  for (;;) {
    const auto batch = query.next_batch(batch_pages);
    if (batch.empty() || !list.all_taken()) return;
    for (const auto& page : batch)
      list.add({.what = page.what, .record = &page.record, .status_before = {}, .live = page.live});
  }
}

// What was said of one folder, as for a summary: "since 2026-01-31T23:59:59.000Z".
std::string list_since(const ChangesOptions& options, ChangeList& list) {
  auto db = storage::open_results(options.folders.front());
  const auto since = options.since.empty() ? last_run(db, options.folders.front())
                                           : read_since(options.since, system_clock().wall());
  if (!since) throw Failure(since.error());
  storage::ChangeQuery query{db, since->time_since_epoch().count()};
  add_all(query, list);
  return "since " + format_rfc3339(*since);
}

// Nothing: there has been no call.
std::optional<storage::FeedCursor> read_cursor(const std::string& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error) && !error) return std::nullopt;
  std::string text;
  if (std::ifstream input{file}; std::getline(input, text))
    if (const auto cursor = storage::FeedCursor::parse(text)) return cursor;
  if (std::filesystem::is_directory(file, error))
    throw Failure(Errc::usage, fmt::format("{} is a folder; name a file", printable(file)));
  throw Failure(Errc::usage, fmt::format("{} is no cursor of trawl changes: it would have a number "
                                         "of commits in it; remove it to begin anew",
                                         printable(file)));
}

void write_cursor(const std::string& file, const storage::FeedCursor& cursor) {
  PartFile part{file, "give --cursor a file's name"};
  auto handle = storage::FileHandle::open_for_writing(part.path());
  handle.write_at(0, cursor.text() + "\n");
  handle.sync_all();
  part.place();
}

// Commits are in order: what was not in those up to the cursor is in those behind it.
std::string list_behind(const ChangesOptions& options, ChangeList& list,
                        storage::FeedCursor& last) {
  const auto before = read_cursor(options.cursor);
  auto db = storage::open_results(options.folders.front());
  last = storage::cursor_at(db, storage::last_commit(db));
  if (before && !storage::has_place(db, *before))
    throw Failure(
        Errc::usage,
        fmt::format("{} says {}, which is no place in {} (at {}): it is of another folder, "
                    "or of a state that is no more since the folder was made anew or a "
                    "copy put back; remove it to begin with all pages",
                    printable(options.cursor), before->text(), options.folders.front(),
                    last.text()));
  storage::ChangeQuery query{db, storage::CommitRange{before ? before->commit : -1, last.commit}};
  add_all(query, list);
  return before ? fmt::format("behind commit {}", before->commit) : "since the beginning";
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
  if (two && !(options.since.empty() && options.cursor.empty()))
    throw Failure(Errc::usage,
                  "--since and --cursor are for one folder; two are compared as they are");
  if (!options.since.empty() && !options.cursor.empty())
    throw Failure(Errc::usage, "--since is a time, --cursor a place: give one of them");
  ChangeList list{options, out};
  storage::FeedCursor last;
  const std::string what = two                      ? list_between(options, list)
                           : options.cursor.empty() ? list_since(options, list)
                                                    : list_behind(options, list, last);
  // A page whose body can't be read now is told again when it can.
  const bool all_out = out.flush() && list.all_taken() && list.unreadable() == 0;
  if (!options.cursor.empty() && all_out) write_cursor(options.cursor, last);
  if (!options.quiet) err.write(fmt::format("{} {}\n", list.summary(), what));
  if (list.unreadable() > 0)
    err.write(
        fmt::format("{} can't be read (body_error){}; trawl verify {} says why\n",
                    list.unreadable() == 1 ? "1 body" : grouped(list.unreadable()) + " bodies",
                    options.cursor.empty() ? "" : ", so the cursor stays where it was",
                    options.folders.back()));
  err.flush();
  return list.unreadable() > 0 ? ExitCode::damaged : ExitCode::ok;
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
  command
      ->add_option(
          "--cursor", options->cursor,
          "of one folder: what changed since the last call with this file, which keeps the "
          "place; nothing is missed, also while a job runs")
      ->option_text("FILE");
  command->add_option("--format", options->format, "text or jsonl")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "jsonl"}));
  command->add_flag("--with-bodies", options->bodies,
                    "with each page that an index should have its body; jsonl alone");
  add_text_option(*command, options->text);
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
