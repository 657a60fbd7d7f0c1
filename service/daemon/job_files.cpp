// inotify only says that something happened; what, is found by looking. So a lost or doubled event,
// an editor's way of saving and a folder that is mounted over cost nothing but a look.
#include "service/daemon/job_files.hpp"

#include "core/base/result.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <system_error>
#include <utility>

namespace trawl::service {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t files_max = 10'000;

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

std::map<fs::path, JobFiles::Stamp> JobFiles::read() const {
  std::map<fs::path, Stamp> found;
  std::error_code error;
  fs::directory_iterator entries{folder_, error};
  for (; !error && entries != fs::directory_iterator{}; entries.increment(error)) {
    const fs::path& file = entries->path();
    if (file.extension() != ".toml" || file.filename().string().starts_with('.')) continue;
    struct stat status{};
    if (::stat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    found.emplace(file,
                  Stamp{status.st_ino, nanoseconds(status.st_mtim), nanoseconds(status.st_ctim),
                        static_cast<std::uint64_t>(status.st_size)});
    if (found.size() > files_max)
      throw Failure(Errc::io,
                    fmt::format("{} has more than {} job files", folder_.string(), files_max));
  }
  if (error)
    throw Failure(Errc::io,
                  fmt::format("can't read the jobs in {}: {}", folder_.string(), error.message()));
  return found;
}

std::pair<std::uint64_t, std::uint64_t> JobFiles::identity() const {
  struct stat status{};
  if (::stat(folder_.c_str(), &status) != 0) return {};
  return {status.st_dev, status.st_ino};
}

std::vector<JobFiles::Change> JobFiles::look() {
  auto found = read();
  const auto folder = identity();
  if (found.empty() && !known_.empty() && folder != seen_)
    throw Failure(Errc::io,
                  fmt::format("{} is another folder now, and empty, as when a disk is not "
                              "mounted",
                              folder_.string()));
  seen_ = folder;
  std::vector<Change> changes;
  for (const auto& [file, stamp] : known_)
    if (!found.contains(file)) changes.push_back({file, true});
  for (const auto& [file, stamp] : found) {
    const auto before = known_.find(file);
    if (before == known_.end() || before->second != stamp) changes.push_back({file, false});
  }
  known_ = std::move(found);
  return changes;
}

void JobFiles::forget() {
  for (auto& [file, stamp] : known_) stamp = {};
}

}  // namespace trawl::service
