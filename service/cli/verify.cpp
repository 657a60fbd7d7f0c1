// The findings are data and go to standard output; how far it is and what to do about them are
// remarks.
#include "service/cli/verify.hpp"

#include "core/base/clock.hpp"
#include "core/base/log.hpp"
#include "core/coro/loop.hpp"
#include "core/coro/time.hpp"
#include "service/cli/command.hpp"
#include "service/folder/folder_check.hpp"
#include "service/folder/requeue.hpp"
#include "service/run/ticker.hpp"
#include "service/text/json_writer.hpp"
#include "service/text/progress.hpp"
#include "storage/files/writer.hpp"
#include "storage/open.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <optional>

namespace trawl::service::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t name_bytes_max = 4096;
constexpr Millis commit_wait{300};  // between a body's file and its record

// "https://h/a: warc/x.warc.gz: offset 12: the block's digest does not match"
std::string text_of(const Finding& finding) {
  std::string text;
  if (finding.record != nullptr) text = printable(finding.record->url, name_bytes_max) + ": ";
  text += printable(finding.file, name_bytes_max) + ": ";
  if (finding.offset) text += fmt::format("offset {}: ", *finding.offset);
  return text + printable(finding.detail, name_bytes_max) + "\n";
}

std::string json_of(const std::string& folder, const Finding& finding) {
  std::string text;
  JsonWriter json{text};
  const auto* record = finding.record;
  json.begin_object().key("folder").text(folder);
  json.key("problem").text(to_string(finding.problem));
  json.key("url").text_or_null(record != nullptr ? record->url : "");
  json.key("method").text_or_null(record != nullptr ? record->method : "");
  json.key("file").text(finding.file).key("offset");
  finding.offset ? json.integer(static_cast<std::int64_t>(*finding.offset)) : json.null();
  json.key("detail").text(finding.detail).end_object();
  return text + "\n";
}

std::string progress_of(const std::string& folder, const FolderFigures& figures) {
  if (!figures.database_read) return fmt::format("{}: reading the database's pages", folder);
  const std::uint64_t records = figures.records;
  if (records == 0)
    return fmt::format("{}: reading archive file {}", folder, grouped(figures.files));
  const std::uint64_t bad = figures.damaged + figures.missing + figures.unreadable;
  return fmt::format("{}: {}, {} of whose bodies damaged, missing or unreadable", folder,
                     counted(records, "record"), grouped(bad));
}

// "docs: 1,203 records, 1,100 bodies, 4 archive files: all sound"
std::string summary_of(const std::string& folder, const FolderFigures& figures, bool sound) {
  const std::uint64_t bodies = figures.bodies, faulty = figures.faulty_files;
  std::vector<std::string> parts;
  const auto add = [&parts](std::uint64_t number, std::string_view what) {
    if (number > 0) parts.push_back(fmt::format("{} {}", grouped(number), what));
  };
  if (!figures.database_sound) parts.emplace_back("the database is damaged");
  add(figures.damaged, "damaged");
  add(figures.missing, "missing");
  add(figures.unreadable, "unreadable");
  if (faulty > 0) parts.push_back(counted(faulty, "archive file") + " with faults");
  if (sound) parts.emplace_back("all sound");
  add(figures.cut, "cut when fetched");
  return fmt::format("{}: {}, {}, {}: {}\n", folder, counted(figures.records, "record"),
                     bodies == 1 ? "1 body" : grouped(bodies) + " bodies",
                     counted(figures.files, "archive file"), fmt::join(parts, ", "));
}

struct Found {
  bool sound = true;
  std::vector<crawl::UrlId> urls;            // whose bodies are damaged or gone
  bool all_queued = true;                    // of these: the next run fetches them anyway
  std::vector<crawl::ArchiveMark> archives;  // as FolderCheck::cut_archives()

  void add(const crawl::Record& record) {
    urls.push_back(record.id);
    all_queued = all_queued && record.outcome.state == crawl::UrlState::queued;
  }
};

class Verification {
 public:
  Verification(const VerifyOptions& options, Output& out, Output& err)
      : options_(options), out_(out), err_(err) {
    if (options.format != "text" && options.format != "jsonl")
      throw Failure(Errc::usage, fmt::format("\"{}\" is no format; they are text and jsonl",
                                             printable(options.format)));
  }

  // Whether all is sound.
  bool check(const std::string& folder) {
    std::error_code unknown, none;
    const fs::path database = fs::path{folder} / "crawl.db";
    const auto bytes = fs::file_size(database, unknown);
    const bool has_archive = fs::exists(database.parent_path() / "warc", none) ||
                             fs::exists(database.parent_path() / "files", none);
    if ((unknown || bytes == 0) && has_archive)
      throw Failure(Errc::damaged,
                    fmt::format("{} has an archive and no {} that knows it; restore that from a "
                                "copy",
                                folder, database.string()));
    if (unknown) throw Failure(Errc::not_found, fmt::format("there is no {}", database.string()));
    std::optional<storage::OutputFolder> held;
    if (options_.requeue) held.emplace(storage::OutputFolder::open(folder));
    if (held) put_back_files(*held);
    Found found;
    bool database_sound = true;
    {
      auto db = storage::open_results(folder);
      FolderCheck check{folder, db,
                        [&](const Finding& finding) {
                          found.sound = false;
                          if (finding.record != nullptr && finding.problem != Problem::unreadable)
                            found.add(*finding.record);
                          write(folder, finding);
                        },
                        [&held] {
                          coro::Loop loop;
                          if (!held) loop.run(coro::sleep_for(commit_wait));
                        }};
      run(folder, check);
      out_.flush();
      found.archives = check.cut_archives();
      database_sound = check.figures().database_sound;
      if (!options_.quiet) err_.write(summary_of(folder, check.figures(), found.sound));
    }
    if (held && !database_sound)
      throw Failure(Errc::damaged,
                    fmt::format("{}/crawl.db is damaged, so nothing was queued; restore it from a "
                                "copy",
                                folder));
    if (held)
      requeue(*held, found);
    else if (!found.urls.empty() && !options_.quiet)
      err_.write(fmt::format("{}: {}\n", folder,
                             found.all_queued
                                 ? "what is damaged or missing is queued; the next run fetches it"
                                 : "--requeue has the next run fetch what is damaged or missing"));
    err_.flush();
    return found.sound;
  }

 private:
  void run(const std::string& folder, FolderCheck& check) {
    std::optional<Ticker> ticker;
    if (!options_.quiet)
      ticker.emplace([&folder, &check] { return progress_of(folder, check.figures()); });
    check.run();
  }

  void write(const std::string& folder, const Finding& finding) {
    if (options_.format == "jsonl")
      out_.write(json_of(folder, finding));
    else
      out_.write(text_of(finding));
  }

  // What a job that was killed had replaced and not committed, as the next run would do.
  static void put_back_files(const storage::OutputFolder& folder) {
    const auto marks = folder.open_store()->marks();
    storage::FileArchive{{.output_dir = folder.path()}}.recover(marks);
  }

  void requeue(const storage::OutputFolder& folder, const Found& found) {
    if (found.urls.empty() && found.archives.empty()) return;
    Requeue queue{folder};
    const std::uint64_t queued = queue.add(found.urls);
    // Only now: without the marks nobody would know any more that something was there.
    if (!found.archives.empty()) queue.store().apply({.marks = found.archives});
    if (options_.quiet) return;
    err_.write(fmt::format("{}: {}\n", folder.path().string(),
                           queued_words(queued, found.urls.size() - queued)));
  }

  const VerifyOptions& options_;
  Output& out_;
  Output& err_;
};

}  // namespace

ExitCode run_verify(const VerifyOptions& options, Output& out, Output& err) {
  Verification verification{options, out, err};
  ExitCode code = ExitCode::ok;
  for (const std::string& folder : options.folders) {
    ExitCode of_folder = ExitCode::ok;
    const auto complain = [&](Errc why, std::string_view what) {
      of_folder = exit_code_for(why);
      err.write(fmt::format("trawl: {}\n", printable(what, name_bytes_max)));
      err.flush();
    };
    try {
      if (!verification.check(folder)) of_folder = ExitCode::damaged;
    } catch (const Failure& failure) {
      if (options.folders.size() == 1) throw;
      complain(failure.code(), failure.what());
    } catch (const fs::filesystem_error& error) {
      complain(Errc::io, error.what());
    }
    if (code == ExitCode::ok || of_folder == ExitCode::damaged) code = of_folder;
  }
  return code;
}

void add_verify(CLI::App& app, Invocation& invocation) {
  auto* command =
      app.add_subcommand("verify", "check that a crawl's folder still has what its records say");
  const auto options = std::make_shared<VerifyOptions>();
  command->add_option("DIR", options->folders, "output folders of crawls")->required();
  command->add_flag("--requeue", options->requeue,
                    "queue URLs whose bodies are damaged or gone, for the next run");
  command->add_option("--format", options->format, "text or jsonl")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "jsonl"}));
  command->footer(
      "Reads the database, each archive file, and the body of each record. Exit code 6 when "
      "anything is damaged or missing.");
  command->callback([options, &invocation] {
    invocation.run = [options, &invocation] {
      options->quiet = invocation.globals.quiet;
      DescriptorOutput out{STDOUT_FILENO}, err{STDERR_FILENO};
      return run_verify(*options, out, err);
    };
  });
}

}  // namespace trawl::service::cli
