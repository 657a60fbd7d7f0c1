// Least recently used, because what is fetched again and again (error pages, logos) is what pays.
#include "storage/warc/payload_table.hpp"

#include <utility>

namespace trawl::storage {

// With what the allocator and the two containers need besides.
std::size_t PayloadTable::Entry::memory_bytes() const {
  return sizeof(Entry) + 128 + sha256.capacity() + payload.record_id.capacity() +
         payload.target_uri.capacity() + payload.place.file.capacity();
}

const ArchivedPayload* PayloadTable::find(const std::string& sha256) {
  const auto found = index_.find(sha256);
  if (found == index_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return &found->second->payload;
}

void PayloadTable::insert(std::string sha256, ArchivedPayload payload) {
  if (index_.contains(sha256)) return;
  entries_.push_front({std::move(sha256), std::move(payload)});
  index_.emplace(entries_.front().sha256, entries_.begin());
  memory_bytes_ += entries_.front().memory_bytes();
  while (memory_bytes_ > memory_bytes_max_) {
    memory_bytes_ -= entries_.back().memory_bytes();
    index_.erase(entries_.back().sha256);
    entries_.pop_back();
  }
}

void PayloadTable::clear() {
  index_.clear();
  entries_.clear();
  memory_bytes_ = 0;
}

}  // namespace trawl::storage
