#pragma once
// SeenFilter: which URLs a job knows, as 64-bit fingerprints (web::fingerprint of the canonical
// URL). Exact over fingerprints; two URLs that share one are told apart no more: among a hundred
// million URLs one such pair is expected with a chance of 0.03 %. One thread.
//
// The newest are in memory; beyond a bound they go to sorted files without a name, of which the
// memory holds 10 bits a URL. Nothing in them outlives the process: a start fills the filter from
// the store. What does not get to the disk stays in memory.
//
// Refusals: the same for URLs that were refused where they were found, with the row of each.

#include "core/crawl/state/fingerprint_table.hpp"
#include "core/crawl/state/record.hpp"

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>

namespace trawl::crawl {

// Fingerprints are hashes already. The tag keeps Boost from mixing them once more.
struct FingerprintHash {
  using is_avalanching = void;
  std::size_t operator()(std::uint64_t fingerprint) const noexcept { return fingerprint; }
};

class SeenFilter {
 public:
  // Before anything is inserted: at most so many bytes of memory for the newest, the rest in the
  // folder. Without it all are in memory.
  void bound(std::filesystem::path folder, std::size_t newest_bytes_max);

  // True if it was not there. Amortised O(1); 10 to 21 bytes a URL in memory, 1.3 on disk's behalf.
  // Throws Failure{io}.
  bool insert(std::uint64_t fingerprint);
  bool contains(std::uint64_t fingerprint) const;
  std::size_t size() const { return newest_.size() + (table_ ? table_->size() : 0); }
  std::size_t memory_bytes() const;
  std::size_t disk_bytes() const { return table_ ? table_->disk_bytes() : 0; }

 private:
  void spill();

  boost::unordered_flat_set<std::uint64_t, FingerprintHash> newest_;
  std::size_t newest_max_ = SIZE_MAX;
  std::optional<FingerprintTable> table_;
  bool said_full_ = false;
};

class Refusals {
 public:
  void bound(std::filesystem::path folder, std::size_t newest_bytes_max);

  std::optional<UrlId> find(std::uint64_t fingerprint) const;
  // A later id of a fingerprint takes the place of an earlier one, as long as that is not on disk.
  void set(std::uint64_t fingerprint, UrlId id) { newest_.insert_or_assign(fingerprint, id); }
  // Whoever asks has to know that it is refused no more: what is on disk stays there.
  void erase(std::uint64_t fingerprint) { newest_.erase(fingerprint); }
  // When none of the ids is going to change: moves to the disk what is over the bound.
  void settle();
  std::size_t memory_bytes() const;

 private:
  boost::unordered_flat_map<std::uint64_t, UrlId, FingerprintHash> newest_;
  std::size_t newest_max_ = SIZE_MAX;
  std::optional<FingerprintTable> table_;
  bool said_full_ = false;
};

}  // namespace trawl::crawl
