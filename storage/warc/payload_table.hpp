#pragma once
// PayloadTable: which payloads an archive has, so that the same one is not kept twice.

#include "core/base/clock.hpp"
#include "core/web/digest.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace trawl::storage {

// What a payload is known by. Two payloads with one SHA-1 can be made on purpose; that they also
// have one length and one second print can't.
struct PayloadKey {
  std::string sha1;  // base32
  std::uint64_t bytes = 0;
  std::uint64_t second = 0;  // of its SHA-256 where that is known, else its XXH3
  bool operator==(const PayloadKey&) const = default;
};

// The second print from a SHA-256 in hex; none from an empty one.
std::optional<std::uint64_t> second_print(std::string_view sha256_hex);

// Of a payload in memory.
PayloadKey payload_key(std::string_view payload, std::optional<std::uint64_t> second = {});

// Takes a payload in pieces.
class PayloadDigest {
 public:
  explicit PayloadDigest(std::optional<std::uint64_t> second = {});
  ~PayloadDigest();
  void update(std::string_view piece);
  PayloadKey finish();  // once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The record that has the payload, as a revisit refers to it.
struct ArchivedPayload {
  std::string record_id;
  std::string target_uri;
  Wall date{};
};

// The payloads that were not asked for the longest make room when the bound is reached.
class PayloadTable {
 public:
  explicit PayloadTable(std::size_t memory_bytes_max) : memory_bytes_max_(memory_bytes_max) {}

  // Valid until the next call that changes the table.
  const ArchivedPayload* find(const PayloadKey& key);
  void insert(PayloadKey key, ArchivedPayload payload);
  void clear();
  std::size_t size() const { return index_.size(); }
  std::size_t memory_bytes() const { return memory_bytes_; }

 private:
  struct Entry {
    PayloadKey key;
    ArchivedPayload payload;
    std::size_t memory_bytes() const;
  };
  using Entries = std::list<Entry>;  // the one asked for last comes first
  struct Hash {
    std::size_t operator()(const PayloadKey* key) const { return key->second; }
  };
  struct Equal {
    bool operator()(const PayloadKey* a, const PayloadKey* b) const { return *a == *b; }
  };

  const std::size_t memory_bytes_max_;
  std::size_t memory_bytes_ = 0;
  Entries entries_;
  std::unordered_map<const PayloadKey*, Entries::iterator, Hash, Equal> index_;
};

}  // namespace trawl::storage
