// Where jobs come from: files of jobs_dir, which their owner edits, and submitted ones in data_dir.
// Files are read on a worker; their jobs change on the loop.
#include "config/job.hpp"
#include "core/base/log.hpp"
#include "core/coro/race.hpp"
#include "service/daemon/folder_watch.hpp"
#include "service/daemon/job_book.hpp"
#include "service/daemon/job_events.hpp"
#include "service/daemon/metrics_sum.hpp"
#include "storage/sqlite/host_list.hpp"
#include "storage/sqlite/schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace trawl::service {
namespace {

constexpr std::size_t held_hosts_max = 100'000;  // of each job
// A clock that was wrong when the time was stored can't hold a host for years; what lasts longer is
// remembered with the host.
constexpr Millis usual_wait_max{300'000};

// For a file that can't be read: what its job's name would be.
std::string name_of(const std::filesystem::path& file) {
  return config::job_name_from(file.stem().string());
}

bool is_gone(const std::filesystem::path& file) {
  std::error_code error;  // a link to nothing is there, and is an error
  return std::filesystem::symlink_status(file, error).type() ==
         std::filesystem::file_type::not_found;
}

// Of a folder that can't be read its job says what is wrong.
std::vector<storage::HostWaitRow> hosts_left_alone(const std::filesystem::path& folder,
                                                   std::int64_t now_ms) {
  const auto database = folder / "crawl.db";
  std::error_code error;
  if (!std::filesystem::exists(database, error)) return {};
  try {
    storage::Db db = storage::open_for_reading(database);
    return storage::hosts_left_alone(db, now_ms, held_hosts_max);
  } catch (const Failure& failure) {
    log("jobs")->debug("{}", failure.what());
    return {};
  }
}

}  // namespace

coro::Task<> JobBook::load() {
  for (LedgerEntry& entry : ledger_.load()) {
    std::string name = entry.name;
    remembered_.emplace(std::move(name), std::move(entry));
  }
  for (const auto& file : data_.job_files()) {
    JobSource source{.file = file, .submitted = true, .name = name_of(file)};
    auto reading = read(source);
    auto loaded = co_await std::move(reading);
    std::string name = source.name;
    add(std::move(name), std::move(source), std::move(loaded));
  }
  std::error_code error;
  std::filesystem::create_directories(files_.folder(), error);
  auto looking = look_at_files();
  co_await std::move(looking);
  auto forgetting = forget_gone();
  co_await std::move(forgetting);
  auto holding = hold_hosts();
  co_await std::move(holding);
}

// A host that one job has to leave alone is left alone by all, also when that job doesn't run.
coro::Task<> JobBook::hold_hosts() {
  std::vector<std::filesystem::path> folders;
  for (const auto& [name, entry] : jobs_)
    if (!entry->job.dir().empty()) folders.push_back(entry->job.dir());
  for (const auto& folder : folders) {
    const std::int64_t now_ms = clock_.wall().time_since_epoch().count();
    auto reading = worker_.run([&] { return hosts_left_alone(folder, now_ms); });
    const auto hosts = co_await std::move(reading);
    for (const auto& host : hosts) {
      const Millis wait =
          std::min(Millis{host.until_ms - now_ms}, std::max(host.longest, usual_wait_max));
      buckets_.hold(crawl::bucket_keys(host.key), clock_.now() + wait);
    }
  }
}

// What has no file any more is no job any more. But an empty folder may be one that is not there
// yet, as a disk that is mounted late, and a file that can't be read may be of any job whose file
// is not known; then the next start decides.
coro::Task<> JobBook::forget_gone() {
  const bool is_empty = left_alone_.empty() && std::ranges::all_of(jobs_, [](const auto& job) {
                          return job.second->job.source().submitted;
                        });
  const auto submitted = data_.job_file("any").parent_path();
  std::map<std::string, LedgerEntry, std::less<>> kept;
  for (auto& [name, entry] : std::exchange(remembered_, {})) {
    const bool is_gone_for_good = entry.file.parent_path() == submitted;
    if (!is_gone_for_good && (is_empty || names_guessed_)) {
      log("jobs")->warn("{}: has no job file that can be read; what is known of it is kept", name);
      kept.emplace(name, std::move(entry));
      continue;
    }
    auto forgetting = ledger_.forget(name);
    co_await std::move(forgetting);
  }
  remembered_ = std::move(kept);
}

coro::Task<> JobBook::watch_files(FolderWatch& folder) {
  bool failed = false;
  for (;;) {
    auto waiting = coro::race(folder.changed(), look_.wait());
    co_await std::move(waiting);
    const bool reloaded = look_.is_set();
    if (reloaded) files_.forget();
    look_.reset();
    try {
      if (reloaded) {
        auto judging = judge_submitted_again();
        co_await std::move(judging);
      }
      auto looking = look_at_files();
      co_await std::move(looking);
      failed = false;
    } catch (const Failure& failure) {
      if (!std::exchange(failed, true))
        log("jobs")->error("{}; its jobs stay as they are", failure.what());
    }
  }
}

// What they may do hangs on the daemon's own settings.
coro::Task<> JobBook::judge_submitted_again() {
  std::vector<std::filesystem::path> files;
  for (const auto& [name, entry] : jobs_)
    if (entry->job.source().submitted) files.push_back(entry->job.source().file);
  for (const auto& file : files) {
    if (!of_file(file)) continue;  // it was removed meanwhile
    auto taking = take_known(file);
    co_await std::move(taking);
  }
}

coro::Task<> JobBook::look_at_files() {
  auto looking = worker_.run([this] { return files_.look(); });
  const auto changes = co_await std::move(looking);
  bool removed = false;
  std::vector<EntryPtr> without_file;
  for (const auto& change : changes) {
    if (!change.removed) continue;
    removed = true;
    left_alone_.erase(change.file);
    if (EntryPtr entry = of_file(change.file)) without_file.push_back(std::move(entry));
  }
  if (!without_file.empty()) {
    auto following = follow_renamed(std::move(without_file), changes);
    co_await std::move(following);
  }
  for (const auto& change : changes) {
    if (change.removed) continue;
    auto taking = take_file(change.file);
    co_await std::move(taking);
  }
  if (!std::exchange(name_is_free_, false) && !removed) co_return;
  for (const auto& file : std::exchange(left_alone_, {})) {
    auto taking = take_file(file);
    co_await std::move(taking);
  }
}

// A file that has another name now is of the same job still, with all that is known of it.
coro::Task<> JobBook::follow_renamed(std::vector<EntryPtr> without_file,
                                     std::vector<JobFiles::Change> changes) {
  std::map<std::string, std::filesystem::path, std::less<>> new_files;  // by the job's name
  for (const auto& change : changes) {
    if (change.removed || of_file(change.file)) continue;
    auto loading = worker_.run([&] { return loader_.load({.file = change.file}, {}); });
    if (const auto loaded = co_await std::move(loading))
      new_files.emplace(loaded->spec.name, change.file);
  }
  for (const EntryPtr& entry : without_file) {
    const auto found = new_files.find(entry->job.name());
    const std::string was = entry->job.source().file.string();
    if (found == new_files.end()) {
      let_go(entry, fmt::format("{} is gone", was));
      continue;
    }
    log("jobs")->info("{}: {} is {} now", entry->job.name(), was, found->second.string());
    entry->job.set_source({.file = found->second});
  }
}

// Its run has its grace, and nothing else waits for it. It has no file any more: one that comes
// under the same name is another job's, which begins when this one has ended.
void JobBook::let_go(const EntryPtr& entry, std::string why) {
  log("jobs")->info("{}: {}", entry->job.name(), why);
  entry->job.leave();
  entry->job.set_source({});
  // At once, so that what it stores is stored before anything of the next one of its name.
  if (group_ != nullptr) group_->start(retire_quietly(entry), coro::Begin::at_once);
}

// What the ledger can't forget now, it forgets at the next start.
coro::Task<> JobBook::retire_quietly(EntryPtr entry) {
  const std::string name = entry->job.name();
  // At another start the file is that of whoever it names then.
  auto saving = entry->job.save();
  co_await std::move(saving);
  busy_names_.insert(name);  // until it is forgotten
  try {
    auto retiring = retire(entry, true);
    co_await std::move(retiring);
  } catch (const Failure& failure) {
    log("jobs")->error("{}: {}", name, failure.what());
  }
  name_is_free_ = true;
  free_name(name);
}

coro::Task<> JobBook::take_file(std::filesystem::path file) {
  while (of_file(file)) {
    auto taking = take_known(file);
    const EntryPtr known = co_await std::move(taking);
    if (known) co_return;
  }
  JobSource source{.file = file};
  auto reading = read(source);
  auto loaded = co_await std::move(reading);
  if (!loaded && is_gone(file)) co_return;  // since it was listed; the next look tells
  auto adding = add_file(std::move(source), std::move(loaded));
  co_await std::move(adding);
}

// The file of a job that is known. Nothing: it is another job's now, or nobody's.
coro::Task<JobBook::EntryPtr> JobBook::take_known(std::filesystem::path file) {
  const EntryPtr known = of_file(file);
  auto waiting = known->settings.acquire();
  coro::Permit permit = co_await std::move(waiting);
  if (!is_of_book(known) || known->job.source().file != file) co_return nullptr;
  auto reading = read(known->job.source());
  auto loaded = co_await std::move(reading);
  if (!loaded && is_gone(file)) co_return known;
  if (!loaded || loaded->spec.name == known->job.name()) {
    if (known->job.source().submitted)
      known->job.take_or_stop(std::move(loaded));
    else
      known->job.take(std::move(loaded));
    auto saving = known->job.save();
    co_await std::move(saving);
    co_return known;
  }
  permit.release();
  let_go(known, fmt::format("{} has job.name = \"{}\" now", file.string(), loaded->spec.name));
  co_return nullptr;
}

// A job without a file, which is ending, whose name or output folder the new one is to have.
JobBook::EntryPtr JobBook::in_its_way(std::string_view name,
                                      const config::Loaded<config::LoadedJob>& loaded) const {
  for (const auto& [other, entry] : jobs_) {
    if (!entry->job.source().file.empty()) continue;
    if (other == name) return entry;
    if (loaded && !entry->job.dir().empty() && overlap(entry->job.dir(), loaded->spec.output.dir))
      return entry;
  }
  return nullptr;
}

coro::Task<> JobBook::add_file(JobSource source, config::Loaded<config::LoadedJob> loaded) {
  std::string name = loaded ? loaded->spec.name : name_of(source.file);
  const auto before = std::ranges::find_if(
      remembered_, [&](const auto& one) { return one.second.file == source.file; });
  if (!loaded && before != remembered_.end()) name = before->first;
  if (!loaded && before == remembered_.end()) names_guessed_ = true;
  if (const EntryPtr ending = in_its_way(name, loaded)) {
    log("jobs")->info("{}: the job \"{}\" of before is still ending; this one begins when it has",
                      source.file.string(), ending->job.name());
    left_alone_.insert(source.file);
    co_return;
  }
  const auto other = jobs_.find(name);
  const bool is_busy = busy_names_.contains(name);
  if (other != jobs_.end())
    log("jobs")->error("{}: a job named \"{}\" is there already, of {}; this file is left alone",
                       source.file.string(), name, other->second->job.source().file.string());
  else if (is_busy)
    log("jobs")->info("{}: a job named \"{}\" is being stored or removed; this file waits for it",
                      source.file.string(), name);
  if (other != jobs_.end() || is_busy) {
    left_alone_.insert(source.file);
    co_return;
  }
  const EntryPtr added = add(std::move(name), std::move(source), std::move(loaded));
  auto saving = added->job.save();
  co_await std::move(saving);
}

// With the changes that were made to the job over the API. Whoever reads a known job's file holds
// its settings.
coro::Task<config::Loaded<config::LoadedJob>> JobBook::read(JobSource source) {
  std::vector<config::Override> patches;
  const EntryPtr known = of_file(source.file);
  if (known) patches = known->job.patches();
  auto reading = worker_.run([&] { return loader_.load(source, patches); });
  auto loaded = co_await std::move(reading);
  if (known || !loaded) co_return loaded;
  const auto before = remembered_.find(loaded->spec.name);
  if (before == remembered_.end() || before->second.patches.empty()) co_return loaded;
  patches = before->second.patches;
  auto reading_again = worker_.run([&] { return loader_.load(source, patches); });
  co_return co_await std::move(reading_again);
}

JobBook::EntryPtr JobBook::add(std::string name, JobSource source,
                               config::Loaded<config::LoadedJob> loaded) {
  std::optional<LedgerEntry> memory;
  if (auto node = remembered_.extract(name)) memory = std::move(node.mapped());
  auto entry = std::make_shared<Entry>(around_, name, std::move(source), std::move(memory));
  entry->job.take(std::move(loaded));
  jobs_.insert_or_assign(std::move(name), entry);
  if (ending_.is_set()) entry->job.leave();
  if (group_ == nullptr) return entry;
  ++lives_;
  group_->spawn(live(entry));
  return entry;
}

bool JobBook::is_of_book(const EntryPtr& entry) const {
  const auto found = jobs_.find(entry->job.name());
  return found != jobs_.end() && found->second == entry;
}

// Waits until what is in flight is finished.
coro::Task<> JobBook::retire(EntryPtr entry, bool forget) {
  entry->job.leave();
  if (group_ != nullptr) co_await entry->gone.wait();
  const std::string name = entry->job.name();
  if (is_of_book(entry)) {
    add_metrics(removed_metrics_, entry->job.figures().metrics);
    jobs_.erase(name);
    if (watchers_.anyone()) watchers_.tell({"removed", name, removed_data(name)});
  }
  if (!forget) co_return;
  auto forgetting = ledger_.forget(name);
  co_await std::move(forgetting);
}

JobBook::EntryPtr JobBook::of_file(const std::filesystem::path& file) const {
  const auto found = std::ranges::find_if(
      jobs_, [&](const auto& job) { return job.second->job.source().file == file; });
  return found == jobs_.end() ? nullptr : found->second;
}

}  // namespace trawl::service
