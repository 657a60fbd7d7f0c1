// Opening a database and starting a thread for each request would cost more than most answers.
#include "service/control/folders.hpp"

#include "core/coro/time.hpp"
#include "service/control/bounds.hpp"

#include <sys/stat.h>

#include <algorithm>

namespace trawl::service::control {
namespace {

std::filesystem::path database_of(const std::filesystem::path& folder) {
  return folder / "crawl.db";
}

}  // namespace

SharedPool Folders::open(const std::filesystem::path& folder) {
  struct stat facts{};
  // A job that was never valid has no folder.
  const bool there =
      !folder.empty() && ::stat(database_of(folder).c_str(), &facts) == 0 && facts.st_size > 0;
  Open entry{.folder = folder};
  const auto known = std::ranges::find(open_, folder, &Open::folder);
  if (known != open_.end()) {
    entry = std::move(*known);
    open_.erase(known);
  }
  if (!there) return nullptr;
  if (!entry.pool || entry.device != facts.st_dev || entry.file != facts.st_ino)
    entry.pool = std::make_shared<CountedPool>(executor_, database_of(folder),
                                               bounds::folder_connections_max, spent_);
  entry.device = facts.st_dev;
  entry.file = facts.st_ino;
  entry.used = std::chrono::steady_clock::now();
  if (open_.size() == bounds::folders_open_max) open_.erase(open_.begin());
  open_.push_back(entry);
  return entry.pool;
}

void Folders::close_idle() {
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(open_, [now](const Open& one) {
    struct stat facts{};
    return now - one.used >= bounds::folder_idle_max ||
           ::stat(database_of(one.folder).c_str(), &facts) != 0 || facts.st_ino != one.file;
  });
}

coro::Task<> Folders::run() {
  for (;;) {
    co_await coro::sleep_for(bounds::folder_idle_max / 2);
    close_idle();
  }
}

}  // namespace trawl::service::control
