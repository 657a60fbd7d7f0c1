#pragma once
// The conditions on records as users write them, on the command line and in the API's queries.

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "storage/sqlite/queries.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::service {

// Empty: no condition.
struct FilterText {
  std::string state;          // queued, fetched, failed, excluded; several with commas between
  std::string status;         // 200,404,5xx
  std::string host;           // name[:port]
  std::string since;          // a time, or how long ago
  std::string changed_since;  // likewise
  std::string error;          // error codes, likewise
  std::optional<std::uint64_t> limit;
};

// Errors: Errc::usage, with what is allowed there.
Result<storage::RecordFilter> read_filter(const FilterText& text, Wall now);

// RFC 3339 ("2026-01-31T23:59:59.5Z", "2026-01-31 23:59:59+01:00"), a day ("2026-01-31", from its
// beginning in UTC), or a duration before now ("2h"). Errors: Errc::usage.
Result<Wall> read_since(std::string_view text, Wall now);

}  // namespace trawl::service
