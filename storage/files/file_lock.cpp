// Who waited in open() for another's last moment may hold a file that has been renamed or removed
// since; then the name is another file's, and is asked for again.
#include "storage/files/file_lock.hpp"

#include "core/base/result.hpp"
#include "storage/files/file_handle.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace trawl::storage {
namespace {

bool is_still_there(int fd, const std::filesystem::path& path) {
  struct stat held{}, named{};
  return ::fstat(fd, &held) == 0 && ::stat(path.c_str(), &named) == 0 &&
         held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& path) {
  for (;;) {
    fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd_ < 0) throw_system_error(errno, "write", path);
    const int error = ::flock(fd_, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
    if (error == 0 && is_still_there(fd_, path)) return;
    ::close(std::exchange(fd_, -1));
    if (error == EWOULDBLOCK)
      throw Failure(Errc::in_use,
                    fmt::format("{} is being written by another trawl; wait for it or name another "
                                "target",
                                path.string()));
    if (error != 0) throw_system_error(error, "lock", path);
  }
}

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

}  // namespace trawl::storage
