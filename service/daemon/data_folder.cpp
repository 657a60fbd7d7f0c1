// A submitted job is written beside its place, synced, renamed into it, and the folder synced: the
// one order in which a crash leaves the old file or the new one.
#include "service/daemon/data_folder.hpp"

#include "core/base/errno_text.hpp"
#include "core/base/result.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace trawl::service {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void raise(int error, const std::string& doing) {
  const Errc code = error == ENOSPC || error == EDQUOT ? Errc::disk_full : Errc::io;
  throw Failure(code, fmt::format("can't {}: {}", doing, errno_text(error)));
}

class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0640)) {
    if (fd_ < 0) raise(errno, fmt::format("open {}", path.string()));
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

// Half a file is of no use, and takes room on a disk that may be full. A rename leaves none.
struct Unfinished {
  const fs::path& file;
  ~Unfinished() { ::unlink(file.c_str()); }
};

constexpr const char* removed = ".removed";

void create_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) raise(error.value(), fmt::format("create the folder {}", path.string()));
}

void sync(int fd, const fs::path& path) {
  // Some network file systems know no fsync of a folder.
  if (::fsync(fd) != 0 && errno != EINVAL) raise(errno, fmt::format("sync {}", path.string()));
}

void sync_folder(const fs::path& path) {
  const Descriptor folder{path, O_RDONLY | O_DIRECTORY};
  sync(folder.get(), path);
}

void write_all(int fd, std::string_view text, const fs::path& path) {
  while (!text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) raise(errno, fmt::format("write {}", path.string()));
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string holder_of(int fd) {
  std::array<char, 32> text{};
  const auto size = ::pread(fd, text.data(), text.size() - 1, 0);
  std::string pid{text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
  return pid.empty() ? "another trawl" : fmt::format("another trawl (pid {})", pid);
}

int take_lock(const fs::path& file) {
  Descriptor lock{file, O_RDWR | O_CREAT};
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) raise(errno, fmt::format("lock {}", file.string()));
    throw Failure(Errc::in_use, fmt::format("{} is in use by {}; stop it, or set another data_dir",
                                            file.parent_path().string(), holder_of(lock.get())));
  }
  const std::string pid = fmt::format("{}", ::getpid());
  if (::ftruncate(lock.get(), 0) == 0)
    static_cast<void>(::pwrite(lock.get(), pid.data(), pid.size(), 0));  // only for the message
  return lock.release();
}

}  // namespace

DataFolder::DataFolder(const fs::path& path) {
  create_folder(path);
  path_ = fs::canonical(path);
  lock_fd_ = take_lock(path_ / ".lock");
  create_folder(path_ / "jobs");
  create_folder(path_ / "out");
  std::error_code left;  // what can't be removed now may be another time
  fs::remove_all(path_ / removed, left);
  sync_folder(path_);
}

DataFolder::~DataFolder() {
  if (lock_fd_ >= 0) ::close(lock_fd_);
}

fs::path DataFolder::job_file(std::string_view name) const {
  return path_ / "jobs" / fmt::format("{}.toml", name);
}

// The names from here down to it; none when it is elsewhere, or this folder itself.
std::vector<fs::path> DataFolder::inside(const fs::path& path) const {
  std::error_code error;
  const fs::path whole = fs::weakly_canonical(absolute(path), error);
  if (error) return {};
  const auto [ours, theirs] = std::ranges::mismatch(path_, whole);
  if (ours != path_.end()) return {};
  std::vector<fs::path> names{theirs, whole.end()};
  std::erase_if(names, [](const fs::path& name) { return name.empty(); });  // of a slash at the end
  return names;
}

void DataFolder::remove_output(const fs::path& path, std::error_code& error) const {
  std::string name = (path_ / removed / "XXXXXX").string();
  fs::create_directories(path_ / removed, error);
  const bool has_place = !error && ::mkdtemp(name.data()) != nullptr;
  if (has_place) fs::rename(path, name, error);  // takes the empty folder's place
  const bool moved = has_place && !error;
  std::error_code none;
  if (has_place && !moved) fs::remove(name, none);
  fs::remove_all(moved ? fs::path{name} : path, error);
}

bool DataFolder::holds(const fs::path& path) const {
  std::error_code error;
  for (const char* own : {"jobs", "out"})
    if (fs::equivalent(path, path_ / own, error)) return true;
  const auto names = inside(fs::absolute(path));
  return !names.empty() && (names.front() == "jobs" || names.front() == "out");
}

void DataFolder::reserve(fs::path path) {
  if (!path.empty() && !inside(fs::absolute(path)).empty()) reserved_.push_back(fs::absolute(path));
}

bool DataFolder::contains(const fs::path& path) const {
  const auto names = inside(path);
  if (names.empty()) return false;
  for (const fs::path& own : reserved_)
    if (overlap(absolute(path), own)) return false;
  const std::string top = names.front().string();
  return top != "jobs" && !top.starts_with("daemon.db") && !top.starts_with('.');
}

bool DataFolder::may_be_output(const fs::path& path, std::string_view job) const {
  if (!contains(path)) return false;
  const auto names = inside(path);
  return names.front() != "out" || (names.size() > 1 && names[1] == job);
}

void DataFolder::put_job(std::string_view name, std::string_view toml) const {
  const fs::path file = job_file(name);
  const fs::path beside = path_ / "jobs" / fmt::format(".{}.new", name);
  const Unfinished unfinished{beside};
  {
    const Descriptor out{beside, O_WRONLY | O_CREAT | O_TRUNC};
    write_all(out.get(), toml, beside);
    sync(out.get(), beside);
  }
  if (::rename(beside.c_str(), file.c_str()) != 0)
    raise(errno, fmt::format("rename {}", beside.string()));
  sync_folder(path_ / "jobs");
}

void DataFolder::remove_job(std::string_view name) const {
  const fs::path file = job_file(name);
  if (::unlink(file.c_str()) != 0 && errno != ENOENT)
    raise(errno, fmt::format("remove {}", file.string()));
  sync_folder(path_ / "jobs");
}

std::vector<fs::path> DataFolder::job_files() const {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator{path_ / "jobs"})
    if (entry.path().extension() == ".toml" && !entry.path().filename().string().starts_with('.'))
      files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

bool overlap(const fs::path& one, const fs::path& other) {
  std::error_code error, other_error;
  const auto names_of = [](const fs::path& path, std::error_code& failed) {
    const fs::path whole = fs::weakly_canonical(path, failed);
    std::vector<fs::path> names{whole.begin(), whole.end()};
    std::erase_if(names, [](const fs::path& name) { return name.empty(); });
    return names;
  };
  const auto first = names_of(one, error), second = names_of(other, other_error);
  if (error || other_error) return true;
  const auto [a, b] = std::ranges::mismatch(first, second);
  return a == first.end() || b == second.end();
}

}  // namespace trawl::service
