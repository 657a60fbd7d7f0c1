// The same SQLite settings as the crawls' databases: WAL, every commit synced. Version 2 has the
// file of a job, so that one whose file can't be read for once is known by it; version 3 what its
// hooks are still to be told. What is no more than yes or no is a bit beside `again`, which a trawl
// that doesn't know it takes for no, and needs no version.
#include "service/daemon/ledger.hpp"

#include "core/base/log.hpp"
#include "core/base/result.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <utility>

namespace trawl::service {
namespace {

constexpr std::int64_t version = 3;
constexpr std::int64_t application_id = 0x7472646D;  // "trdm"
constexpr int checkpoint_pages = 64;

constexpr const char* from_version_1 = "alter table job add column file text not null default ''";
constexpr const char* from_version_2 =
    "create table untold(job text not null, number integer not null, payload text not null, "
    "primary key (job, number)) without rowid";

constexpr const char* schema = R"(
create table job(
  name text primary key, state text not null, detail text not null, runs integer not null,
  open integer not null, again integer not null, asked integer not null,
  next_run_ms integer, started_ms integer, ended_ms integer,
  digest text not null, dir text not null,
  queued integer not null, fetched integer not null, failed integer not null,
  excluded integer not null, bytes_wire integer not null,
  file text not null default '') without rowid;
create table patch(
  job text not null, number integer not null, key text not null, value text not null,
  literal integer not null, primary key (job, number)) without rowid;
)";

std::optional<std::int64_t> to_ms(const std::optional<Wall>& time) {
  if (!time) return std::nullopt;
  return time->time_since_epoch().count();
}

std::optional<Wall> from_ms(const std::optional<std::int64_t>& ms) {
  if (!ms) return std::nullopt;
  return Wall{Millis{*ms}};
}

JobState state_from(std::string_view name) {
  for (const JobState state :
       {JobState::waiting, JobState::running, JobState::paused, JobState::stopping,
        JobState::finished, JobState::limited, JobState::cancelled, JobState::failed})
    if (to_string(state) == name) return state;
  return JobState::waiting;
}

// A daemon with a history and without its ledger runs what was paused, and with the settings of
// files alone.
void warn_of_loss(const std::filesystem::path& file) {
  for (const char* name : {"out", "jobs"}) {
    std::error_code error;
    const auto folder = file.parent_path() / name;
    if (std::filesystem::directory_iterator{folder, error} == std::filesystem::directory_iterator{})
      continue;
    log("daemon")->warn(
        "{} is new, but {} is not empty: which jobs were paused, what was changed over the API and "
        "when they ran is not known any more; if it was lost, stop, and put a copy back",
        file.string(), folder.string());
    return;
  }
}

storage::Db open(const std::filesystem::path& file) {
  auto db = storage::Db::open(file, storage::Access::write);
  const auto id = db.integer("pragma application_id");
  const auto found = db.integer("pragma user_version");
  const bool fresh = id == 0 && found == 0 && db.integer("select count(*) from sqlite_schema") == 0;
  if (!fresh && id != application_id)
    throw Failure(Errc::damaged, fmt::format("{} is no daemon's database", file.string()));
  if (!fresh && (found < 1 || found > version))
    throw Failure(Errc::damaged, fmt::format("{} is of version {}, and this trawl knows version {}",
                                             file.string(), found, version));
  if (fresh) warn_of_loss(file);
  db.become_writer();
  if (found == version) return db;
  storage::Transaction transaction{db, storage::Access::write};
  if (fresh) db.exec(schema);
  if (found == 1) db.exec(from_version_1);
  db.exec(from_version_2);
  db.exec(
      fmt::format("pragma application_id = {}; pragma user_version = {}", application_id, version));
  transaction.commit();
  return db;
}

}  // namespace

Ledger::Ledger(const std::filesystem::path& file)
    : db_(open(file)),
      insert_(db_.prepare("insert or replace into job values"
                          "(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18)")),
      remove_(db_.prepare("delete from job where name = ?1")),
      add_patch_(db_.prepare("insert into patch values(?1,?2,?3,?4,?5)")),
      remove_patches_(db_.prepare("delete from patch where job = ?1")),
      add_untold_(db_.prepare("insert into untold values(?1,?2,?3)")),
      remove_untold_(db_.prepare("delete from untold where job = ?1")) {}

std::vector<LedgerEntry> Ledger::load() {
  std::map<std::string, std::vector<config::Override>> patches;
  auto read_patches =
      db_.prepare("select job, key, value, literal from patch order by job, number");
  {
    auto rows = read_patches.query();
    while (rows.next())
      patches[std::string{rows.text(0)}].push_back({.key = std::string{rows.text(1)},
                                                    .value = std::string{rows.text(2)},
                                                    .source = "PATCH",
                                                    .literal = rows.integer(3) != 0});
  }
  std::map<std::string, std::vector<std::string>> untold;
  auto read_untold = db_.prepare("select job, payload from untold order by job, number");
  for (auto rows = read_untold.query(); rows.next();)
    untold[std::string{rows.text(0)}].emplace_back(rows.text(1));
  std::vector<LedgerEntry> entries;
  auto read_jobs = db_.prepare("select * from job order by name");
  auto rows = read_jobs.query();
  const auto count = [&](int column) { return static_cast<std::uint64_t>(rows.integer(column)); };
  while (rows.next()) {
    LedgerEntry entry{.name = std::string{rows.text(0)}};
    entry.memory = {.state = state_from(rows.text(1)),
                    .detail = std::string{rows.text(2)},
                    .runs = count(3),
                    .open = rows.integer(4) != 0,
                    .again = (rows.integer(5) & 1) != 0,
                    .news = (rows.integer(5) & 2) != 0,
                    .asked = rows.integer(6) != 0,
                    .limits_anew = (rows.integer(5) & 4) != 0,
                    .next_run = from_ms(rows.optional_integer(7)),
                    .started = from_ms(rows.optional_integer(8)),
                    .ended = from_ms(rows.optional_integer(9))};
    entry.settings_digest = rows.text(10);
    entry.dir = std::string{rows.text(11)};
    entry.totals = {.queued = count(12),
                    .fetched = count(13),
                    .failed = count(14),
                    .excluded = count(15),
                    .bytes_wire = count(16)};
    entry.totals_of_dir = (rows.integer(5) & 8) != 0;
    entry.file = std::string{rows.text(17)};
    if (const auto found = patches.find(entry.name); found != patches.end())
      entry.patches = std::move(found->second);
    if (const auto found = untold.find(entry.name); found != untold.end())
      entry.untold = std::move(found->second);
    entries.push_back(std::move(entry));
  }
  return entries;
}

void Ledger::save(const LedgerEntry& entry) {
  const JobMemory& memory = entry.memory;
  storage::Transaction transaction{db_, storage::Access::write};
  insert_.run(entry.name, to_string(memory.state), memory.detail, memory.runs, memory.open ? 1 : 0,
              (memory.again ? 1 : 0) | (memory.news ? 2 : 0) | (memory.limits_anew ? 4 : 0) |
                  (entry.totals_of_dir ? 8 : 0),
              memory.asked ? 1 : 0, to_ms(memory.next_run), to_ms(memory.started),
              to_ms(memory.ended), entry.settings_digest, entry.dir.string(), entry.totals.queued,
              entry.totals.fetched, entry.totals.failed, entry.totals.excluded,
              entry.totals.bytes_wire, entry.file.string());
  remove_patches_.run(entry.name);
  int number = 0;
  for (const config::Override& patch : entry.patches)
    add_patch_.run(entry.name, number++, patch.key, patch.value, patch.literal ? 1 : 0);
  remove_untold_.run(entry.name);
  number = 0;
  for (const std::string& payload : entry.untold) add_untold_.run(entry.name, number++, payload);
  transaction.commit();
  db_.checkpoint(checkpoint_pages);
}

void Ledger::forget(const std::string& name) {
  storage::Transaction transaction{db_, storage::Access::write};
  remove_.run(name);
  remove_patches_.run(name);
  remove_untold_.run(name);
  transaction.commit();
}

}  // namespace trawl::service
