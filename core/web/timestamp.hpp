#pragma once
// Dates as sitemaps and feeds write them.

#include "core/base/clock.hpp"

#include <optional>
#include <string_view>

namespace trawl::web {

// The W3C's profile of ISO 8601 (https://www.w3.org/TR/NOTE-datetime): a year, a month, a day, or a
// time of a day with its zone, to the minute, second or fraction; the begin of what it names.
// Lenient as to what sites write: a blank for the 'T', a zone without colon or none (UTC), lower
// case. Absent for anything else, such as a 30 February.
std::optional<Wall> parse_w3c_datetime(std::string_view text);

// RFC 822, section 5, with years of four digits (RSS 2.0) or, as RFC 2822, section 4.3, reads them,
// two or three: "Sun, 06 Sep 2009 16:20:00 +0000"; a comment may follow. The weekday is not
// checked, a zone that is not known is UTC.
std::optional<Wall> parse_rfc822_date(std::string_view text);

}  // namespace trawl::web
