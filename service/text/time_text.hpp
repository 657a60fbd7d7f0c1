#pragma once
// Times as users write them.

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

#include <string_view>

namespace trawl::service {

// RFC 3339 ("2026-01-31T23:59:59.5Z", "2026-01-31 23:59:59+01:00"), also without its seconds or
// without an offset (UTC); a day in UTC ("2026-01-31"); the 14 digits of a web archive
// ("20260131235959"); or a duration before now ("2h"). Errors: Errc::usage.

// The first millisecond of what the text names: of a day its beginning.
Result<Wall> read_since(std::string_view text, Wall now);
// The last millisecond of it: of a day its end.
Result<Wall> read_until(std::string_view text, Wall now);

}  // namespace trawl::service
