// A full disk is asked again and again for hours, so the question must cost next to nothing: an
// allocation writes no data where the file system knows it, and the file is gone at once.
#include "core/crawl/engine/disk_room.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

namespace trawl::crawl {

Millis room_retry_delay(int tries, Millis first, Millis longest) {
  const int doublings = std::clamp(tries - 1, 0, 20);
  return std::min(longest, first * (1 << doublings));
}

bool has_room(const std::filesystem::path& folder, std::uint64_t bytes) {
  const auto path = folder / ".room";
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return false;
  const bool room = ::posix_fallocate(fd, 0, static_cast<off_t>(bytes)) == 0;
  ::close(fd);
  ::unlink(path.c_str());
  return room;
}

}  // namespace trawl::crawl
