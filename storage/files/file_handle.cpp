// The system calls behind the archives. Positions are explicit (pwritev), so that a record cut off
// after a failed write leaves nothing to reset.
#include "storage/files/file_handle.hpp"

#include "core/base/errno_text.hpp"

#include <climits>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace trawl::storage {
namespace {

// EFBIG is a limit of the process or the file system: no amount of waiting helps.
Errc code_of(int error) {
  return error == ENOSPC || error == EDQUOT ? Errc::disk_full : Errc::io;
}

// So many bytes have been written.
void drop(std::span<iovec>& pieces, std::size_t bytes) {
  while (!pieces.empty() && bytes >= pieces.front().iov_len) {
    bytes -= pieces.front().iov_len;
    pieces = pieces.subspan(1);
  }
  if (bytes == 0) return;
  iovec& first = pieces.front();
  first = {static_cast<char*>(first.iov_base) + bytes, first.iov_len - bytes};
}

}  // namespace

void throw_system_error(int error, std::string_view doing, const std::filesystem::path& path) {
  throw Failure(code_of(error),
                fmt::format("can't {} {}: {}", doing, path.string(), errno_text(error)));
}

FileHandle::FileHandle(FileHandle&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}

FileHandle& FileHandle::operator=(FileHandle&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = std::exchange(other.fd_, -1);
    path_ = std::move(other.path_);
  }
  return *this;
}

void FileHandle::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

FileHandle FileHandle::open(const std::filesystem::path& path, int flags) {
  FileHandle file;
  file.path_ = path;
  do {
    file.fd_ = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
  } while (file.fd_ < 0 && errno == EINTR);
  if (file.fd_ < 0 && !((flags & O_EXCL) != 0 && errno == EEXIST))
    throw_system_error(errno, (flags & O_CREAT) != 0 ? "create" : "open", path);
  return file;
}

FileHandle FileHandle::open_for_reading(const std::filesystem::path& path) {
  return open(path, O_RDONLY | O_NONBLOCK);  // a named pipe has nobody wait for its writer
}
FileHandle FileHandle::open_for_writing(const std::filesystem::path& path) {
  return open(path, O_RDWR);
}
FileHandle FileHandle::create(const std::filesystem::path& path) {
  return open(path, O_RDWR | O_CREAT | O_EXCL);
}
FileHandle FileHandle::open_directory(const std::filesystem::path& path) {
  return open(path, O_RDONLY | O_DIRECTORY);
}

std::uint64_t FileHandle::size() const {
  struct stat status{};
  if (fstat(fd_, &status) != 0) throw_system_error(errno, "read the size of", path_);
  return std::uint64_t(status.st_size);
}

std::size_t FileHandle::read_at(std::uint64_t offset, std::span<char> buffer) const {
  std::size_t done = 0;
  while (done < buffer.size()) {
    const ssize_t count =
        pread(fd_, buffer.data() + done, buffer.size() - done, off_t(offset + done));
    if (count == 0) break;
    if (count > 0)
      done += std::size_t(count);
    else if (errno != EINTR)
      throw_system_error(errno, "read", path_);
  }
  return done;
}

void FileHandle::write_at(std::uint64_t offset, std::span<const std::string_view> pieces) {
  std::vector<iovec> left;
  for (const std::string_view piece : pieces)
    if (!piece.empty()) left.push_back({const_cast<char*>(piece.data()), piece.size()});
  for (std::span rest(left); !rest.empty();) {
    const ssize_t count =
        pwritev(fd_, rest.data(), int(std::min<std::size_t>(rest.size(), IOV_MAX)), off_t(offset));
    if (count > 0) {
      drop(rest, std::size_t(count));
      offset += std::uint64_t(count);
    } else if (count == 0) {
      throw_system_error(EIO, "write to", path_);
    } else if (errno != EINTR) {
      throw_system_error(errno, "write to", path_);
    }
  }
}

void FileHandle::truncate(std::uint64_t bytes) {
  while (ftruncate(fd_, off_t(bytes)) != 0)
    if (errno != EINTR) throw_system_error(errno, "cut", path_);
}
void FileHandle::set_modified(Wall time) {
  const auto ms = time.time_since_epoch().count();
  const timespec modified{.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1'000'000};
  const std::array times{timespec{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, modified};
  static_cast<void>(::futimens(fd_, times.data()));
}
Wall FileHandle::modified() const {
  struct stat status{};
  if (::fstat(fd_, &status) != 0) throw_system_error(errno, "look at", path_);
  return Wall{Millis{status.st_mtim.tv_sec * 1000 + status.st_mtim.tv_nsec / 1'000'000}};
}
// An interruption is no failed sync, but everything else is, and is never tried again.
void FileHandle::sync_data() {
  while (fdatasync(fd_) != 0)
    if (errno != EINTR) throw_system_error(errno, "make durable", path_);
}
void FileHandle::sync_all() {
  while (fsync(fd_) != 0)
    if (errno != EINTR) throw_system_error(errno, "make durable", path_);
}
void FileHandle::sync_filesystem() {
  if (syncfs(fd_) != 0) throw_system_error(errno, "make durable", path_);
}

void sync_directory(const std::filesystem::path& path) {
  FileHandle::open_directory(path).sync_all();
}

void rename_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) throw_system_error(errno, "rename a file to", to);
}

bool file_reaches(const std::filesystem::path& path, std::uint64_t bytes) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return !error && size >= bytes;
}

void remove_file(const std::filesystem::path& path) {
  if (unlink(path.c_str()) != 0 && errno != ENOENT) throw_system_error(errno, "remove", path);
}

}  // namespace trawl::storage
