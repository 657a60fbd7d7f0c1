// What is found is what is done: the folder is held from the first look to the end.
#include "service/cli/forget.hpp"

#include "core/base/clock.hpp"
#include "core/base/log.hpp"
#include "core/base/units.hpp"
#include "core/crawl/state/kept_part.hpp"
#include "service/cli/command.hpp"
#include "service/folder/forget.hpp"
#include "service/records/record_filter.hpp"
#include "service/records/record_lookup.hpp"
#include "service/run/say.hpp"
#include "service/run/ticker.hpp"
#include "service/text/progress.hpp"
#include "storage/files/file_handle.hpp"
#include "storage/files/writer.hpp"
#include "storage/forgetting.hpp"
#include "storage/open.hpp"
#include "storage/warc/writer.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <system_error>
#include <vector>

namespace trawl::service::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t text_bytes_max = 4096;
constexpr std::size_t others_named_max = 20;

ForgetSelection selection_of(const ForgetOptions& options, storage::Db& db) {
  ForgetSelection selection;
  for (const std::string& host : options.hosts) {
    const auto filter = read_filter({.host = host}, {});
    if (!filter) throw Failure(filter.error());
    selection.hosts.push_back(filter->host);
  }
  for (const std::string& url : options.urls) {
    auto forms = url_forms(db, url);
    if (!forms) throw Failure(forms.error());
    selection.urls.push_back(std::move(*forms));
  }
  for (const std::string& text : options.patterns) {
    auto pattern = crawl::UrlPattern::create(text);
    if (!pattern) throw Failure(Errc::usage, pattern.error().detail);
    selection.patterns.push_back(std::move(*pattern));
  }
  return selection;
}

// Of a run that was killed before they were known; the next one would remove them.
void remove_lost_parts(const storage::OutputFolder& held, storage::SqliteStore& store) {
  if (fs::is_symlink(held.tmp())) return;  // somebody else's place
  std::vector<std::string> known;
  for (const auto& part : store.parts()) known.push_back(part.part->file);
  for (const auto& entry : fs::directory_iterator{held.tmp()}) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(crawl::part_prefix) && std::ranges::count(known, name) == 0)
      storage::remove_file(entry.path());
  }
}

// What a job that was killed had written and not committed is no part of the crawl, but is there.
void recover(const storage::OutputFolder& held) {
  const auto store = held.open_store();
  const auto marks = store->marks();
  remove_lost_parts(held, *store);
  try {
    storage::FileArchive{{.output_dir = held.path()}}.recover(marks);
    storage::WarcArchive{{.output_dir = held.path()}, system_clock()}.recover(marks);
  } catch (const Failure& failure) {
    if (failure.code() != Errc::damaged) throw;
    say("trawl: {}\n", failure.what());
  }
}

// What these files have may be of the URLs all the same. Empty where there are none.
std::string words_of_others(const ForgetPlan& plan) {
  if (plan.others.empty()) return {};
  std::string names;
  for (const std::string& name : plan.others | std::views::take(others_named_max))
    names += (names.empty() ? "" : ", ") + printable(name, text_bytes_max);
  if (plan.others.size() > others_named_max)
    names += fmt::format(" and {} more", grouped(plan.others.size() - others_named_max));
  return fmt::format("crawl.db doesn't know {}: what is in {} was not looked at", names,
                     plan.others.size() == 1 ? "it" : "them");
}

[[noreturn]] void refuse_unknown(const ForgetOptions& options, const ForgetPlan& plan) {
  std::string names = plan.unknown.empty() ? "what these conditions name" : "";
  for (const std::size_t i : plan.unknown)
    names += (names.empty() ? "" : ", ") + printable(options.urls[i], text_bytes_max);
  const std::string others = words_of_others(plan);
  throw Failure(Errc::not_found,
                fmt::format("{} has nothing of {}; nothing was changed{}{}", options.folder, names,
                            others.empty() ? "" : ". ", others));
}

std::string words_of(const ForgetPlan& plan) {
  std::string text =
      fmt::format("{}, {} of the archive ({})", counted(plan.what.urls.size(), "URL"),
                  counted(plan.records, "record"), human_bytes(plan.bytes));
  if (plan.files > 0) text += fmt::format(", {}", counted(plan.files, "file"));
  return text;
}

// RFC 8878, 3.1.2, and the IIPC's magic number.
bool has_dictionary(const fs::path& folder) {
  std::error_code none;
  for (const auto& entry : fs::directory_iterator{folder / "warc", none}) {
    if (entry.path().extension() != ".zst") continue;
    std::string start(4, '\0');
    const auto file = storage::FileHandle::open_for_reading(entry.path());
    if (file.read_at(0, start) == start.size() && start == "\x5D\x2A\x4D\x18") return true;
  }
  return false;
}

// Where more of it may be: what trawl has made and doesn't write again, and what others have.
std::string remarks(const ForgetOptions& options, const ForgetPlan& plan, bool alone) {
  std::string text;
  if (const auto count = plan.what.without_body.size(); count > 0)
    text += fmt::format("{} had the same body, which is gone with it: the next run fetches {}\n",
                        counted(count, "other page"), count == 1 ? "it" : "them");
  if (plan.lost > plan.what.without_body.size())
    text += fmt::format("{} of other pages had it, too, and can't be shown any more\n",
                        counted(plan.lost - plan.what.without_body.size(), "earlier answer"));
  if (!plan.what.urls.empty())
    text += fmt::format(
        "No run of this folder fetches them by itself: they are excluded as forgotten (trawl "
        "requeue {} --error forgotten takes that back). Links to them stay in other pages.\n",
        options.folder);
  if (!alone)
    text +=
        "A program reads crawl.db: crawl.db-wal has earlier pages of it until the next run, or "
        "trawl vacuum.\n";
  for (const auto& entry : fs::directory_iterator{options.folder})
    if (const std::string name = entry.path().filename().string();
        name.starts_with("crawl.db.version-"))
      text += fmt::format("{} is the database as it was before an update, and has them still.\n",
                          entry.path().string());
  if (plan.records > 0 && has_dictionary(options.folder))
    text +=
        "Archives in zstd have dictionaries that were learned from pages, and may have pieces of "
        "these (docs/forget.md).\n";
  return text + "Backups, exports and WACZ files are left as they are.\n";
}

}  // namespace

ExitCode run_forget(const ForgetOptions& options, Output& err) {
  if (options.urls.empty() && options.patterns.empty() && options.hosts.empty())
    throw Failure(Errc::usage, "which URLs? Name them, or give --url PATTERN or --host HOST");
  const fs::path database = fs::path{options.folder} / "crawl.db";
  if (!fs::exists(database))
    throw Failure(Errc::not_found, fmt::format("there is no {}", database.string()));
  const auto held = storage::OutputFolder::open(options.folder);
  recover(held);
  ForgetPlan plan;
  bool damaged = false;
  {
    auto db = storage::open_results(options.folder);
    const auto selection = selection_of(options, db);
    ForgetFigures figures;
    std::optional<Ticker> ticker;
    if (!options.quiet)
      ticker.emplace([&] {
        return fmt::format("{}: archive file {}, {}", options.folder, grouped(figures.files),
                           counted(figures.records, "record"));
      });
    plan = plan_forgetting(options.folder, db, selection, figures, [&](const Error& error) {
      damaged = true;
      say("trawl: {}\n", printable(error.detail, text_bytes_max));
    });
  }
  if (!plan.unknown.empty() || !plan.known) refuse_unknown(options, plan);
  if (plan.what.empty() && !options.quiet)
    err.write(
        fmt::format("{}: it is forgotten already, and nothing of it is left\n", options.folder));
  for (const std::string& name : plan.names)
    if (!options.quiet) err.write(fmt::format("{}\n", printable(name, text_bytes_max)));
  if (!options.quiet && plan.what.urls.size() > plan.names.size())
    err.write(fmt::format("and {} more\n", grouped(plan.what.urls.size() - plan.names.size())));
  const bool alone = options.dry_run || plan.what.empty() || storage::forget(held, plan.what);
  if (!options.quiet && !plan.what.empty()) {
    err.write(fmt::format("{}: {}{}\n", options.folder, words_of(plan),
                          options.dry_run ? " would be forgotten" : " forgotten"));
    if (!options.dry_run) err.write(remarks(options, plan, alone));
  }
  if (!options.quiet && !plan.others.empty())
    err.write(fmt::format("{} (docs/forget.md).\n", words_of_others(plan)));
  err.flush();
  if (damaged)
    say("trawl: what can't be read may have more of it; trawl verify {} says where\n",
        options.folder);
  return damaged ? ExitCode::damaged : ExitCode::ok;
}

void add_forget(CLI::App& app, Invocation& invocation) {
  auto* command = app.add_subcommand(
      "forget", "take all that a crawl has kept of some URLs out of its folder, for good");
  const auto options = std::make_shared<ForgetOptions>();
  command->add_option("DIR", options->folder, "output folder of the crawl")->required();
  command->add_option("URL", options->urls, "URLs, as they were found or in canonical form");
  command
      ->add_option("--url", options->patterns,
                   "URLs like a pattern: '*/people/*', or re: and a regular expression; repeatable")
      ->option_text("PATTERN")
      ->take_all()
      ->allow_extra_args(false);
  command
      ->add_option("--host", options->hosts, "all of this host[:port], robots.txt too; repeatable")
      ->option_text("HOST")
      ->take_all()
      ->allow_extra_args(false);
  command->add_flag("--dry-run", options->dry_run, "only say what would be gone");
  command->footer(
      "No job may be running on the folder. Archives are written over in place, so every other "
      "record stays where it is.");
  command->callback([options, &invocation] {
    invocation.run = [options, &invocation] {
      options->quiet = invocation.globals.quiet;
      DescriptorOutput err{STDERR_FILENO};
      return run_forget(*options, err);
    };
  });
}

}  // namespace trawl::service::cli
