#pragma once
// ZstdDictionary: what records have in common, learned from some of them, so that small ones
// compress as well as large ones.

#include "core/crawl/job/job.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

typedef struct ZSTD_CDict_s ZSTD_CDict;

namespace trawl::storage {

// Immutable; any thread.
class ZstdDictionary {
 public:
  // From the records of a WARC file. Absent when they are too few or too different to learn from.
  // Takes some tenths of a second and up to 48 MiB.
  static std::shared_ptr<const ZstdDictionary> learn(const std::filesystem::path& file,
                                                     crawl::WarcLevel level);

  const std::string& bytes() const { return bytes_; }
  const ZSTD_CDict* compressor() const { return compressor_.get(); }
  // The frame that a file begins with: the dictionary, compressed, in a skippable frame.
  std::string file_frame() const;

 private:
  ZstdDictionary(std::string bytes, int level);

  struct Free {
    void operator()(ZSTD_CDict* compressor) const;
  };
  std::string bytes_;
  std::unique_ptr<ZSTD_CDict, Free> compressor_;
};

// The zstd level of a job's setting. Measured on two documentation sites: 3 is smaller than gzip's
// fast at no more CPU, 9 smaller than gzip's small, and beyond 9 each per cent doubles the time.
constexpr int zstd_level(crawl::WarcLevel level) {
  return level == crawl::WarcLevel::fast ? 3 : 9;
}

// The first frame's content; takes the frame off frames, which append_member() made with this
// dictionary (null: with none).
std::string take_zstd_frame(std::string_view& frames, const ZstdDictionary* dictionary);

}  // namespace trawl::storage
