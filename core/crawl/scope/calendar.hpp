#pragma once
// Dates in URLs that no page is about: calendars link to the next month for ever, and a crawler
// that follows is in the year 7749 some day.

#include "core/web/url/url.hpp"

namespace trawl::crawl {

// Whether the URL names a year more than years_max after this_year, or one before 1900 on a
// calendar. What counts as a date is in docs/traps.md; a number alone never does. O(length).
bool names_far_date(const web::Url& url, int this_year, int years_max);

}  // namespace trawl::crawl
