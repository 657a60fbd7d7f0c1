#pragma once
// The tree for offline reading: DIR/offline, made from what a crawl has kept. Derived throughout:
// it may be deleted and made again, and nothing in it is what a record speaks of.

#include "core/crawl/job/job.hpp"

#include <atomic>
#include <cstdint>

namespace trawl::service {

struct OfflineSummary {
  std::uint64_t converted = 0;  // pages and style sheets, their links changed
  std::uint64_t copied = 0;     // all else, byte for byte
  std::uint64_t unreadable = 0;
  std::uint64_t written = 0;  // of all these: not there yet, or otherwise
  bool whole = false;         // false when it was stopped
};

// Blocking; ends soon after `stop` is set. Each file is written beside the tree and renamed into
// it, so whatever ends the work, the next call goes on from there. Memory: one page, and the index.
// Throws Failure when the folder can't be read or written.
OfflineSummary make_offline_tree(const crawl::JobSpec& job, const std::atomic<bool>& stop);

}  // namespace trawl::service
