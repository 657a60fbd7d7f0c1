#pragma once
// A URL that is fetched again: what is asked of the server, and when the page of the record stays
// although a later attempt ended. Pure. The rule is in docs/refetch.md: only an answer that has a
// page of its own takes the place of a page.

#include "core/crawl/job/job.hpp"
#include "core/crawl/state/record.hpp"
#include "core/http/message/message.hpp"

#include <optional>
#include <string_view>

namespace trawl::crawl {

// Whether a record has an answer worth keeping, whatever its status: a whole one with a digest.
bool has_answer(const Outcome& record);
// Whether that is a page: a 2xx.
bool has_page(const Outcome& record);

// The fields that ask for the page only if it changed (RFC 9110, 13.1): If-None-Match,
// If-Modified-Since; none when there is nothing to go by, be it that what the server gave is no
// entity tag and no date, or when the archive of this job would lack the page after a "not
// modified".
http::Headers validators(const Outcome& earlier, BodyMode bodies);

// What the error of a record says whose page stays because the new body was too long to be kept.
inline constexpr std::string_view over_max_body = "the body is longer than fetch.max_body";

// For an answer that nobody asked for: a 304 without validators, a 206 without a range. Neither is
// a page.
std::optional<Error> unasked(const http::Response& response, bool validators_sent);

// The record of a URL that had a page, while it is to be tried again: its error is the attempt's,
// and says nothing of the page.
void note_kept_page(const Outcome& earlier, Outcome& now);

// The record of a URL that had a page, when the new attempt `now` brought none: the page's fields
// are those of the earlier record, the attempt's own stay, and so does the note that its type is
// left out by fetch.types, which is no error. not_modified: the server said so when it
// was asked.
void keep_page(const Outcome& earlier, bool not_modified, Outcome& now);

}  // namespace trawl::crawl
