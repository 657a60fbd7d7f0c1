#pragma once
// Small numbers for names that repeat (host keys, archive files): the rows of a table with the
// columns id, <name> and fingerprint. The index is on the fingerprint, so that it stays small.

#include "storage/sqlite/db.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace trawl::storage {

// XXH3 of a name as the tables hold it.
std::int64_t name_fingerprint(std::string_view name);

class Names {
 public:
  // table and column are identifiers of the schema, not data.
  Names(Db& db, std::string_view table, std::string_view column, bool writable);

  std::optional<std::int64_t> find(std::string_view name);
  // The number of the name, given now when it is new. Known only until forget() without a query.
  std::int64_t id_of(std::string_view name);
  // At the end of each transaction, committed or not: a number of a rolled back row is void.
  void forget() { recent_.clear(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  Statement select_;
  Statement insert_;
  std::unordered_map<std::string, std::int64_t, Hash, std::equal_to<>> recent_;
};

}  // namespace trawl::storage
