#pragma once
// PayloadTable: which payloads an archive has, by their SHA-256, so that the same one is not kept
// twice.

#include "core/base/clock.hpp"
#include "storage/warc/revisit.hpp"

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

namespace trawl::storage {

// The record that has the payload, as a revisit refers to it.
struct ArchivedPayload {
  std::string record_id;
  std::string target_uri;
  Wall date{};
  RecordPlace place;
};

// The payloads that were not asked for the longest make room when the bound is reached.
class PayloadTable {
 public:
  explicit PayloadTable(std::size_t memory_bytes_max) : memory_bytes_max_(memory_bytes_max) {}

  // Valid until the next call that changes the table.
  const ArchivedPayload* find(const std::string& sha256);
  void insert(std::string sha256, ArchivedPayload payload);
  void clear();
  std::size_t size() const { return index_.size(); }
  std::size_t memory_bytes() const { return memory_bytes_; }

 private:
  struct Entry {
    std::string sha256;
    ArchivedPayload payload;
    std::size_t memory_bytes() const;
  };
  using Entries = std::list<Entry>;  // the one asked for last comes first
  const std::size_t memory_bytes_max_;
  std::size_t memory_bytes_ = 0;
  Entries entries_;
  std::unordered_map<std::string_view, Entries::iterator> index_;  // by what the entries hold
};

}  // namespace trawl::storage
