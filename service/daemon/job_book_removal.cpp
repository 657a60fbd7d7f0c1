// How a submitted job goes: its run, its file, what the ledger has of it, and its output where that
// is wanted. Whatever fails on the way, file and memory say the same: the job is there, or it
// isn't.
#include "core/base/log.hpp"
#include "service/daemon/job_book.hpp"

#include <fmt/format.h>

#include <system_error>
#include <utility>
#include <vector>

namespace trawl::service {
namespace {

namespace fs = std::filesystem;

std::unexpected<Refused> refuse(Refusal why, std::string detail) {
  return std::unexpected(Refused{why, std::move(detail)});
}

bool is_there(const fs::path& file) {
  std::error_code error;
  return fs::exists(fs::symlink_status(file, error));
}

}  // namespace

coro::Task<Answer<void>> JobBook::do_remove(std::string name, bool delete_data) {
  if (!ready_) co_return refuse(Refusal::unavailable, "the daemon is starting or shutting down");
  const auto found = entry_of(name);
  if (!found) co_return std::unexpected(found.error());
  const EntryPtr entry = *found;
  if (entry->job.source().file.empty())
    co_return refuse(Refusal::busy, "the job is being stored or removed just now");
  if (!entry->job.source().submitted)
    co_return refuse(Refusal::has_file, fmt::format("the job is a file of its owner's: remove {}",
                                                    entry->job.source().file.string()));
  if (!busy_names_.insert(name).second)
    co_return refuse(Refusal::busy, "the job is being stored or removed just now");
  auto removing = remove_entry(entry, delete_data);
  coro::Outcome<Answer<void>> outcome;
  co_await coro::capture(std::move(removing), outcome);
  free_name(name);
  co_return outcome.take();
}

coro::Task<Answer<void>> JobBook::remove_entry(EntryPtr entry, bool delete_data) {
  const std::string name = entry->job.name();
  const std::string dir = entry->job.dir().string();
  if (delete_data) {
    auto asking = other_user_of_output(entry);
    const std::string other = co_await std::move(asking);
    if (!other.empty())
      co_return refuse(Refusal::output_used,
                       fmt::format("the job \"{}\" has its output there too, in or around {}; "
                                   "remove this one with data=keep",
                                   other, dir));
  }
  entry->job.leave();
  if (delete_data) entry->job.stop_now();  // what it would still fetch goes, too
  auto retiring = retire(entry, false);
  co_await std::move(retiring);
  auto removing = remove_file(entry);
  const std::string wrong = co_await std::move(removing);
  if (!wrong.empty())
    co_return refuse(Refusal::unavailable, fmt::format("the job stays: {}", wrong));
  auto forgetting = ledger_.forget(name);
  co_await std::move(forgetting);
  log("jobs")->info("{}: removed", name);
  if (!delete_data || dir.empty()) co_return Answer<void>{};
  auto deleting = delete_output(entry);
  const std::string left = co_await std::move(deleting);
  if (left.empty()) co_return Answer<void>{};
  log("jobs")->error("{}: {} is left: {}", name, dir, left);
  co_return refuse(Refusal::unavailable,
                   fmt::format("the job is removed, but {} is left: {}", dir, left));
}

// Before anything else that is kept: a crash from there on must not bring the job back. What is
// wrong, when the job could not be removed and is there again.
coro::Task<std::string> JobBook::remove_file(EntryPtr entry) {
  const std::string name = entry->job.name();
  const JobSource source = entry->job.source();
  std::string wrong;
  auto removing = worker_.run([&] {
    try {
      data_.remove_job(name);
    } catch (const Failure& failure) {
      wrong = failure.what();
    }
    return is_there(source.file);
  });
  const bool stays = co_await std::move(removing);
  if (!wrong.empty()) log("jobs")->error("{}: {}", name, wrong);
  if (!stays) co_return std::string{};
  remembered_.insert_or_assign(name, entry->job.entry());
  auto reading = read(source);
  auto loaded = co_await std::move(reading);
  add(name, source, std::move(loaded));
  co_return wrong;
}

// The name of another job, also of one whose file isn't there now, whose output would go too.
coro::Task<std::string> JobBook::other_user_of_output(EntryPtr entry) {
  return user_of_output(entry->job.dir(), entry->job.name());
}

coro::Task<std::string> JobBook::user_of_output(fs::path dir, std::string but) {
  std::vector<std::pair<std::string, fs::path>> others;
  for (const auto& [name, other] : jobs_)
    if (name != but) others.emplace_back(name, other->job.dir());
  for (const auto& [name, folder] : submitting_)
    if (name != but) others.emplace_back(name, folder);
  for (const auto& [name, memory] : remembered_)
    if (name != but) others.emplace_back(name, memory.dir);
  auto looking = worker_.run([&] {
    if (dir.empty()) return std::string{};
    for (const auto& [name, other] : others)
      if (!other.empty() && overlap(dir, other)) return name;
    return std::string{};
  });
  co_return co_await std::move(looking);
}

// Why it is left, or nothing. The other jobs may be others than when the removal began.
coro::Task<std::string> JobBook::delete_output(EntryPtr entry) {
  auto asking = other_user_of_output(entry);
  const std::string other = co_await std::move(asking);
  if (!other.empty()) co_return fmt::format("the job \"{}\" has its output there too", other);
  const fs::path dir = entry->job.dir();
  auto deleting = worker_.run([&]() -> std::string {
    if (!data_.may_be_output(dir, entry->job.name())) return "it is not the job's own place";
    std::error_code error;
    data_.remove_output(dir, error);
    return error ? error.message() : std::string{};
  });
  co_return co_await std::move(deleting);
}

}  // namespace trawl::service
