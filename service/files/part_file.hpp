#pragma once
// PartFile: the name of a file while it is written, NAME.part beside its place; gone with the
// object unless it was put into place. What was there before stays until then.

#include "storage/files/file_lock.hpp"

#include <filesystem>
#include <string_view>

namespace trawl::service {

class PartFile {
 public:
  // The part is there and empty, and held by this process. Throws Failure{usage} when file is no
  // place for a file (advice: what to do then), in_use, io.
  PartFile(std::filesystem::path file, std::string_view advice);
  ~PartFile();
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  const std::filesystem::path& path() const { return part_; }
  // The part is durable.
  void place();

 private:
  std::filesystem::path file_, part_;
  storage::FileLock lock_;
  bool placed_ = false;
};

}  // namespace trawl::service
