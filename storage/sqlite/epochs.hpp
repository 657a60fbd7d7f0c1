#pragma once
// Epochs: from one opening of the database that wrote to the next. They tell the place where a
// reader of changes stopped from the same number of commits in another folder, or in a state of
// this one that was lost when a copy was put in its place.

#include "storage/sqlite/db.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::storage {

// A place behind a commit: what `trawl changes --cursor` and the API's `after` go by.
struct FeedCursor {
  std::int64_t commit = 0;
  std::uint32_t epoch = 0;  // that the commit is of; 0: of none, which an earlier trawl wrote

  // "4711-9f3a1c2e"; without an epoch "4711".
  std::string text() const;
  // Absent: it is none.
  static std::optional<FeedCursor> parse(std::string_view text);
  bool operator==(const FeedCursor&) const = default;
};

// Inside of a writing transaction: one begins with the commit that is being made. Of too many the
// oldest go.
void begin_epoch(Db& db, std::int64_t commit);

// The place behind a commit of the database.
FeedCursor cursor_at(Db& db, std::int64_t commit);
// Whether the place is one of this database's. One of an epoch that is too old to be known is taken
// for that.
bool has_place(Db& db, const FeedCursor& cursor);

}  // namespace trawl::storage
