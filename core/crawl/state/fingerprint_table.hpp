#pragma once
// FingerprintTable: sorted runs of fingerprints on disk that together are one table, which only
// grows. A new run is merged, in the background, with those that are not much larger, so that there
// are few runs and each entry is written a logarithmic number of times. One thread.
//
// Memory: 10 bits an entry, and as much again while a merge runs. Disk: 8 bytes a word.

#include "core/crawl/state/fingerprint_run.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <vector>

namespace trawl::crawl {

class FingerprintTable {
 public:
  // words: of each entry, its fingerprint included.
  FingerprintTable(std::filesystem::path folder, std::size_t words)
      : folder_(std::move(folder)), words_(words) {}
  ~FingerprintTable();  // waits for a merge that runs
  FingerprintTable(const FingerprintTable&) = delete;
  FingerprintTable& operator=(const FingerprintTable&) = delete;

  // entries: of `words` words each, by rising fingerprints, none of them in the table. Throws
  // Failure{disk_full, io}; the table is then as it was.
  void add(const std::vector<std::uint64_t>& entries);

  // One read for what is there, 0.01 for each run otherwise. Throws Failure{io}.
  std::optional<FingerprintEntry> find(std::uint64_t fingerprint) const;

  std::size_t size() const;
  std::size_t runs() const { return runs_.size(); }
  std::size_t memory_bytes() const;
  std::size_t disk_bytes() const;
  // For tests and measurements: until no merge is due any more.
  void settle();

 private:
  using Run = std::shared_ptr<const FingerprintRun>;

  void take_merged(bool wait);
  bool begin_merge();
  static Run merge(std::filesystem::path folder, std::size_t words, std::vector<Run> runs);

  std::filesystem::path folder_;
  std::size_t words_;
  std::vector<Run> runs_;  // the oldest, which is the largest, first
  std::future<Run> merging_;
  std::size_t merging_first_ = 0;  // of runs_
  std::size_t merging_count_ = 0;
};

}  // namespace trawl::crawl
