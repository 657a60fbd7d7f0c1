#pragma once
// Crawler traps that can be told by the URL alone: relative links that append to themselves for
// ever, dates that no page is about. The rules are in docs/traps.md.

#include "core/crawl/job/job.hpp"
#include "core/web/url/url.hpp"

#include <optional>
#include <string>

namespace trawl::crawl {

// The name of the rule that the URL breaks: "url_length", "segment_repeats", "query_repeats",
// "calendar".
// O(length); needs no memory for ordinary URLs.
std::optional<std::string> trap_rule(const web::Url& url, const UrlSpec& spec, Wall now);

}  // namespace trawl::crawl
