#pragma once
// How the fields of a record look inside a row.

#include "core/crawl/state/record.hpp"
#include "storage/sqlite/db.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::storage {

// Errors are stored by their stable names: numbers of an enum may change.
std::optional<std::string_view> error_name(const std::optional<Errc>& error);
std::optional<Errc> error_from_name(std::string_view name);

// Fingerprints as 8 bytes each, little-endian. The blob is a view of `chain`; absent when empty.
std::optional<Blob> chain_to_blob(const std::vector<std::uint64_t>& chain);
std::vector<std::uint64_t> chain_from_blob(std::string_view blob);

// "sha256:" + 64 hex digits are stored as 32 bytes, any other digest as it is.
class StoredDigest {
 public:
  explicit StoredDigest(std::string_view digest);
  bool binary() const { return binary_; }
  Blob blob() const { return {{bytes_.data(), bytes_.size()}}; }

  static std::string text_of(std::string_view bytes);  // of a blob

 private:
  std::array<char, 32> bytes_{};
  bool binary_ = false;
};

// Whether something was sent or received: then the URL has a row in `result`.
bool has_exchange(const crawl::Outcome& outcome);

// The columns that read_record() expects, for FROM url u [LEFT] JOIN result r.
extern const std::string_view record_columns;
// first: the column of the first of them.
crawl::Record read_record(const Rows& rows, int first);

}  // namespace trawl::storage
