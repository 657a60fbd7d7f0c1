#pragma once
// The Retry-After field (RFC 9110, 10.2.3) and HTTP dates (5.6.7), as servers really write them.

#include "core/base/clock.hpp"
#include "core/http/message/message.hpp"

#include <optional>
#include <string_view>

namespace trawl::crawl {

// IMF-fixdate, RFC 850 and asctime dates, in any case and spacing; the weekday may be absent or
// wrong, the zone GMT, UTC, UT, Z, absent or numeric. Two-digit years as RFC 9110 has it: at most
// 50 years after now. Days that no calendar has are refused; a leap second is the second after it.
std::optional<Wall> parse_http_date(std::string_view text, Wall now);

// Seconds, or the time until a date; a date in the past is 0. Absent for anything else (negative
// numbers, fractions, garbage). At most 100 years, so that it can be added to any clock.
std::optional<Millis> parse_retry_after(std::string_view value, Wall now);

// What an answer asks for. A date is compared with the answer's own Date where it has one, so that
// the clock here needs not be right.
std::optional<Millis> retry_after_of(const http::Headers& headers, Wall now);

}  // namespace trawl::crawl
