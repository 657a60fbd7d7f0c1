#pragma once
// JobFiles: the job files of a folder as they were last seen, and what a look finds changed.
// Blocking; one thread at a time.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace trawl::service {

class JobFiles {
 public:
  explicit JobFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}

  struct Change {
    std::filesystem::path file;
    bool removed = false;  // else: new, or not as before
    bool operator==(const Change&) const = default;
  };
  // By name; all at the first look. Hidden files are none. Links are followed, so that a folder
  // that is swapped under its files is seen. Throws Failure{io} when the folder can't be read, or
  // is another one and empty, as when its disk is not mounted; then nothing counts as removed.
  std::vector<Change> look();
  // The next look sees every file as changed.
  void forget();

  const std::filesystem::path& folder() const { return folder_; }

 private:
  struct Stamp {
    std::uint64_t inode = 0;
    std::int64_t modified_ns = 0;
    std::int64_t changed_ns = 0;
    std::uint64_t bytes = 0;
    bool operator==(const Stamp&) const = default;
  };
  std::map<std::filesystem::path, Stamp> read() const;
  // Device and inode.
  std::pair<std::uint64_t, std::uint64_t> identity() const;

  std::filesystem::path folder_;
  std::pair<std::uint64_t, std::uint64_t> seen_;  // the folder that known_ is of
  std::map<std::filesystem::path, Stamp> known_;
};

}  // namespace trawl::service
