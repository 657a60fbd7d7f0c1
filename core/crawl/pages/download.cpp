// The blocking file work of downloads; all of it runs on workers, or before the crawl begins.
#include "core/crawl/pages/download.hpp"

#include "core/base/result.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace trawl::crawl {
namespace {

constexpr std::size_t read_step_bytes = 1024 * 1024;

[[noreturn]] void throw_errno(const char* doing, const std::string& path) {
  const Errc code = errno == ENOSPC || errno == EDQUOT ? Errc::disk_full : Errc::io;
  throw Failure(code, fmt::format("can't {} {}: {}", doing, path, std::strerror(errno)));
}

}  // namespace

std::optional<PartFile> PartFile::open(const std::filesystem::path& path, std::uint64_t bytes,
                                       web::Hasher::Algorithm algorithm) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return std::nullopt;
  PartFile file{fd, bytes, algorithm};
  struct stat info{};
  if (::fstat(fd, &info) != 0 || static_cast<std::uint64_t>(info.st_size) < bytes)
    return std::nullopt;
  // What is behind them was written, but never known to be on the disk.
  if (::ftruncate(fd, static_cast<off_t>(bytes)) != 0) return std::nullopt;
  return file;
}

PartFile::PartFile(PartFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      bytes_(other.bytes_),
      done_(other.done_),
      hasher_(std::move(other.hasher_)) {}

PartFile::~PartFile() {
  if (fd_ >= 0) ::close(fd_);
}

bool PartFile::digest(std::uint64_t bytes_max) {
  std::string block(read_step_bytes, '\0');
  for (std::uint64_t step = 0; done_ < bytes_ && step < bytes_max;) {
    const auto wanted = std::min<std::uint64_t>(block.size(), bytes_ - done_);
    const ssize_t count =
        ::pread(fd_, block.data(), static_cast<std::size_t>(wanted), static_cast<off_t>(done_));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) throw_errno("read", "a part of a body");
    hasher_.update(std::string_view{block}.substr(0, static_cast<std::size_t>(count)));
    done_ += static_cast<std::uint64_t>(count);
    step += static_cast<std::uint64_t>(count);
  }
  return done_ == bytes_;
}

void sync_part(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) throw_errno("open", path.string());
  int failed = EINTR;
  while (failed == EINTR) failed = ::fdatasync(fd) == 0 ? 0 : errno;
  ::close(fd);
  errno = failed;
  if (failed != 0) throw_errno("sync", path.string());
}

void remove_other_parts(const std::filesystem::path& tmp_dir, std::vector<std::string> wanted) {
  std::ranges::sort(wanted);
  std::error_code error;
  for (std::filesystem::directory_iterator entry{tmp_dir, error}, end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    std::error_code ignored;
    if (name.starts_with(part_prefix) && !std::ranges::binary_search(wanted, name))
      std::filesystem::remove(entry->path(), ignored);
  }
}

}  // namespace trawl::crawl
