#pragma once
// The conditions on records as users write them, on the command line and in the API's queries.

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "storage/sqlite/queries.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::service {

// Empty: no condition.
struct FilterText {
  std::string state;              // queued, fetched, failed, excluded; several with commas between
  std::string status;             // 200,404,5xx
  std::string host;               // name[:port]
  std::string type;               // text/html, image/*, pdf; several with commas between
  std::string since;              // a time, or how long ago
  std::string changed_since;      // likewise
  std::string error;              // error codes, likewise
  std::string note;               // notes (core/base/note.hpp), likewise
  std::vector<std::string> urls;  // patterns, as in scope.include
  bool live = false;              // pages that an index should have: storage::live_condition
  std::optional<std::uint64_t> limit;
};

// Errors: Errc::usage, with what is allowed there.
Result<storage::RecordFilter> read_filter(const FilterText& text, Wall now);

}  // namespace trawl::service
