// Where jobs come from: files of jobs_dir, which their owner edits, and submitted ones in data_dir.
// Files are read on a worker; their jobs change on the loop.
#include "core/base/log.hpp"
#include "core/coro/race.hpp"
#include "service/daemon/folder_watch.hpp"
#include "service/daemon/job_book.hpp"
#include "service/daemon/metrics_sum.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace trawl::service {
namespace {

constexpr std::size_t name_bytes_max = 64;

// For a file that can't be read: what its job's name would be.
std::string name_of(const std::filesystem::path& file) {
  std::string name = file.stem().string().substr(0, name_bytes_max);
  for (char& c : name) {
    const bool allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (!allowed) c = '-';
  }
  return name.empty() ? "job" : name;
}

bool is_gone(const std::filesystem::path& file) {
  std::error_code error;  // a link to nothing is there, and is an error
  return std::filesystem::symlink_status(file, error).type() ==
         std::filesystem::file_type::not_found;
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
  // What has no file any more is no job any more.
  for (const auto& [name, entry] : std::exchange(remembered_, {})) {
    auto forgetting = ledger_.forget(name);
    co_await std::move(forgetting);
  }
}

coro::Task<> JobBook::watch_files() {
  FolderWatch folder{executor_, files_.folder()};
  bool failed = false;
  for (;;) {
    auto waiting = coro::race(folder.changed(), look_.wait());
    co_await std::move(waiting);
    if (look_.is_set()) files_.forget();
    look_.reset();
    try {
      auto looking = look_at_files();
      co_await std::move(looking);
      failed = false;
    } catch (const Failure& failure) {
      if (!std::exchange(failed, true))
        log("jobs")->error("{}; its jobs stay as they are", failure.what());
    }
  }
}

coro::Task<> JobBook::look_at_files() {
  auto looking = worker_.run([this] { return files_.look(); });
  const auto changes = co_await std::move(looking);
  bool removed = false;
  for (const auto& change : changes) {
    if (!change.removed) continue;
    removed = true;
    left_alone_.erase(change.file);
    const EntryPtr entry = of_file(change.file);
    if (!entry) continue;
    log("jobs")->info("{}: {} is gone", entry->job.name(), change.file.string());
    auto retiring = retire(entry, true);
    co_await std::move(retiring);
  }
  for (const auto& change : changes) {
    if (change.removed) continue;
    auto taking = take_file(change.file);
    co_await std::move(taking);
  }
  if (!removed) co_return;
  for (const auto& file : std::exchange(left_alone_, {})) {
    auto taking = take_file(file);
    co_await std::move(taking);
  }
}

coro::Task<> JobBook::take_file(std::filesystem::path file) {
  const JobSource source{.file = file};
  auto reading = read(source);
  auto loaded = co_await std::move(reading);
  if (!loaded && is_gone(file)) co_return;  // since it was listed; the next look tells
  EntryPtr known = of_file(file);
  if (known && loaded && loaded->spec.name != known->job.name()) {
    log("jobs")->info("{}: {} has job.name = \"{}\" now", known->job.name(), file.string(),
                      loaded->spec.name);
    auto retiring = retire(std::exchange(known, nullptr), true);
    co_await std::move(retiring);
  }
  if (known) {
    known->job.take(std::move(loaded));
    auto saving = known->job.save();
    co_await std::move(saving);
    co_return;
  }
  std::string name = loaded ? loaded->spec.name : name_of(file);
  if (const auto other = jobs_.find(name); other != jobs_.end()) {
    log("jobs")->error("{}: a job named \"{}\" is there already, of {}; this file is left alone",
                       file.string(), name, other->second->job.source().file.string());
    left_alone_.insert(file);
    co_return;
  }
  const EntryPtr added = add(std::move(name), source, std::move(loaded));
  auto saving = added->job.save();
  co_await std::move(saving);
}

// With the changes that were made to the job over the API.
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

// Waits until what is in flight is finished.
coro::Task<> JobBook::retire(EntryPtr entry, bool forget) {
  entry->job.leave();
  if (group_ != nullptr) co_await entry->gone.wait();
  const std::string name = entry->job.name();
  if (const auto found = jobs_.find(name); found != jobs_.end() && found->second == entry) {
    add_metrics(removed_metrics_, entry->job.figures().metrics);
    jobs_.erase(found);
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
