// The runs form a staircase: each is at least twice as large as all behind it, or is being merged
// with them. A merge that finds no room on the disk costs nothing but the larger number of runs.
#include "core/crawl/state/fingerprint_table.hpp"

#include "core/base/log.hpp"
#include "core/base/result.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace trawl::crawl {
namespace {

constexpr std::size_t runs_behind_merge_max = 8;  // then a merge is waited for

}  // namespace

FingerprintTable::~FingerprintTable() {
  if (merging_.valid()) merging_.wait();
}

void FingerprintTable::add(const std::vector<std::uint64_t>& entries) {
  const std::size_t count = entries.size() / words_;
  if (count == 0) return;
  take_merged(runs_.size() >= merging_first_ + merging_count_ + runs_behind_merge_max);
  FingerprintRun::Writer writer{folder_, words_, count};
  for (std::size_t i = 0; i < count; ++i) writer.append(&entries[i * words_]);
  runs_.push_back(writer.finish());
  begin_merge();
}

std::optional<FingerprintEntry> FingerprintTable::find(std::uint64_t fingerprint) const {
  for (const Run& run : runs_)
    if (auto entry = run->find(fingerprint)) return entry;
  return std::nullopt;
}

void FingerprintTable::take_merged(bool wait) {
  if (!merging_.valid()) return;
  if (!wait && merging_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return;
  try {
    Run merged = merging_.get();
    const auto first = runs_.begin() + static_cast<std::ptrdiff_t>(merging_first_);
    *first = std::move(merged);
    runs_.erase(first + 1, first + static_cast<std::ptrdiff_t>(merging_count_));
  } catch (const Failure& failure) {
    log("store")->debug("tables of known URLs stay apart: {}", failure.what());
  }
}

bool FingerprintTable::begin_merge() {
  if (merging_.valid()) return false;
  std::size_t first = runs_.size() - 1;
  for (std::size_t sum = runs_[first]->size(); first > 0 && runs_[first - 1]->size() < 2 * sum;)
    sum += runs_[--first]->size();
  merging_first_ = first;
  merging_count_ = runs_.size() - first;
  if (merging_count_ < 2) return false;
  merging_ =
      std::async(std::launch::async, merge, folder_, words_,
                 std::vector<Run>{runs_.begin() + static_cast<std::ptrdiff_t>(first), runs_.end()});
  return true;
}

FingerprintTable::Run FingerprintTable::merge(std::filesystem::path folder, std::size_t words,
                                              std::vector<Run> runs) {
  std::vector<std::unique_ptr<FingerprintRun::Reader>> readers;
  std::size_t entries = 0;
  for (const Run& run : runs) {
    readers.push_back(std::make_unique<FingerprintRun::Reader>(*run));
    entries += run->size();
  }
  FingerprintRun::Writer writer{folder, words, entries};
  for (;;) {
    FingerprintRun::Reader* lowest = nullptr;
    for (const auto& reader : readers)
      if (reader->entry() != nullptr && (lowest == nullptr || *reader->entry() < *lowest->entry()))
        lowest = reader.get();
    if (lowest == nullptr) return writer.finish();
    writer.append(lowest->entry());
    lowest->next();
  }
}

std::size_t FingerprintTable::size() const {
  std::size_t sum = 0;
  for (const Run& run : runs_) sum += run->size();
  return sum;
}

std::size_t FingerprintTable::memory_bytes() const {
  std::size_t sum = 0;
  for (const Run& run : runs_) sum += run->memory_bytes();
  if (merging_.valid())
    for (std::size_t i = 0; i < merging_count_; ++i)
      sum += runs_[merging_first_ + i]->memory_bytes();
  return sum;
}

std::size_t FingerprintTable::disk_bytes() const {
  std::size_t sum = 0;
  for (const Run& run : runs_) sum += run->disk_bytes();
  return sum;
}

void FingerprintTable::settle() {
  do take_merged(true);
  while (!runs_.empty() && begin_merge());
}

}  // namespace trawl::crawl
