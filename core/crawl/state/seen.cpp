// The layout of the sets (Boost.Unordered, open addressing): groups of 15 slots with 16 bytes of
// metadata, a power of two of them, filled to 7/8. The bound in bytes is one in entries, at the
// largest number of groups that fits.
#include "core/crawl/state/seen.hpp"

#include "core/base/log.hpp"
#include "core/base/result.hpp"

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

namespace trawl::crawl {
namespace {

constexpr std::size_t group_slots = 15;
constexpr std::size_t group_metadata_bytes = 16;
constexpr std::size_t newest_entries_min = 1000;

std::size_t bytes_of(std::size_t slots, std::size_t slot_bytes) {
  const std::size_t groups = (slots + group_slots - 1) / group_slots;
  return groups * (group_slots * slot_bytes + group_metadata_bytes);
}

// Twice over for a moment: when it doubles, and when it is sorted.
std::size_t entries_within(std::size_t bytes, std::size_t slot_bytes) {
  const std::size_t groups =
      std::bit_floor(std::max<std::size_t>(bytes / bytes_of(group_slots, slot_bytes), 1));
  return std::max(groups * group_slots * 7 / 8, newest_entries_min);
}

// False: there is no room for them, and they are to stay in memory.
bool add(FingerprintTable& table, const std::vector<std::uint64_t>& entries, bool& said) {
  try {
    table.add(entries);
    return true;
  } catch (const Failure& failure) {
    if (!std::exchange(said, true))
      log("store")->warn("{}; it stays in memory for now", failure.what());
    return false;
  }
}

}  // namespace

void SeenFilter::bound(std::filesystem::path folder, std::size_t newest_bytes_max) {
  table_.emplace(std::move(folder), 1);
  newest_max_ = entries_within(newest_bytes_max, sizeof(std::uint64_t));
}

bool SeenFilter::insert(std::uint64_t fingerprint) {
  if (contains(fingerprint)) return false;
  if (newest_.size() >= newest_max_) spill();
  return newest_.insert(fingerprint).second;
}

bool SeenFilter::contains(std::uint64_t fingerprint) const {
  return newest_.contains(fingerprint) || (table_ && table_->find(fingerprint));
}

void SeenFilter::spill() {
  std::vector<std::uint64_t> sorted{newest_.begin(), newest_.end()};
  std::ranges::sort(sorted);
  if (add(*table_, sorted, said_full_)) {
    newest_.clear();
  } else {
    newest_max_ += newest_max_ / 4;  // to be tried again then
  }
}

std::size_t SeenFilter::memory_bytes() const {
  return sizeof(*this) + bytes_of(newest_.bucket_count(), sizeof(std::uint64_t)) +
         (table_ ? table_->memory_bytes() : 0);
}

void Refusals::bound(std::filesystem::path folder, std::size_t newest_bytes_max) {
  table_.emplace(std::move(folder), 3);
  newest_max_ = entries_within(newest_bytes_max, sizeof(*newest_.begin()));
}

std::optional<UrlId> Refusals::find(std::uint64_t fingerprint) const {
  if (const auto at = newest_.find(fingerprint); at != newest_.end()) return at->second;
  const auto entry = table_ ? table_->find(fingerprint) : std::nullopt;
  if (!entry) return std::nullopt;
  return UrlId{static_cast<std::int64_t>((*entry)[1]), static_cast<std::int64_t>((*entry)[2])};
}

void Refusals::settle() {
  if (newest_.size() < newest_max_) return;
  std::vector<FingerprintEntry> sorted;
  sorted.reserve(newest_.size());
  for (const auto& [fingerprint, id] : newest_)
    sorted.push_back(
        {fingerprint, static_cast<std::uint64_t>(id.host), static_cast<std::uint64_t>(id.seq)});
  std::ranges::sort(sorted);
  std::vector<std::uint64_t> words;
  words.reserve(sorted.size() * 3);
  for (const FingerprintEntry& entry : sorted)
    words.insert(words.end(), entry.begin(), entry.end());
  if (add(*table_, words, said_full_)) {
    newest_.clear();
  } else {
    newest_max_ += newest_max_ / 4;
  }
}

std::size_t Refusals::memory_bytes() const {
  return sizeof(*this) + bytes_of(newest_.bucket_count(), sizeof(*newest_.begin())) +
         (table_ ? table_->memory_bytes() : 0);
}

}  // namespace trawl::crawl
