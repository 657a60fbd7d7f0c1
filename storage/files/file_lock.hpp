#pragma once
// FileLock: a file that one process at a time writes. The kernel gives the lock back however the
// process ends, so what a kill leaves behind is nobody's, and the next one takes it over.

#include <filesystem>

namespace trawl::storage {

class FileLock {
 public:
  // Makes the file where there is none; what is in it stays. Throws Failure{in_use} when another
  // process holds it, Failure{io, disk_full} when it can't be made.
  explicit FileLock(const std::filesystem::path& path);
  ~FileLock();
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;

 private:
  int fd_ = -1;
};

}  // namespace trawl::storage
