// Two names with one fingerprint are told apart by their text, so a collision costs a comparison.
#include "storage/sqlite/names.hpp"

#include <fmt/format.h>
#include <xxhash.h>

namespace trawl::storage {

std::int64_t name_fingerprint(std::string_view name) {
  return static_cast<std::int64_t>(XXH3_64bits(name.data(), name.size()));
}

Names::Names(Db& db, std::string_view table, std::string_view column, bool writable)
    : select_(
          db.prepare(fmt::format("SELECT id, {} FROM {} WHERE fingerprint = ?1", column, table))) {
  if (!writable) return;
  insert_ = db.prepare(
      fmt::format("INSERT INTO {}({}, fingerprint) VALUES(?1, ?2) RETURNING id", table, column));
}

std::optional<std::int64_t> Names::find(std::string_view name) {
  Rows rows = select_.query(name_fingerprint(name));
  while (rows.next())
    if (rows.text(1) == name) return rows.integer(0);
  return std::nullopt;
}

std::int64_t Names::id_of(std::string_view name) {
  if (const auto known = recent_.find(name); known != recent_.end()) return known->second;
  std::optional<std::int64_t> id = find(name);
  if (!id) {
    Rows rows = insert_.query(name, name_fingerprint(name));
    rows.next();
    id = rows.integer(0);
    rows.next();
  }
  recent_.emplace(name, *id);
  return *id;
}

}  // namespace trawl::storage
