#pragma once
// What an answer gives to be asked by later (RFC 9110, 8.8): entity tags and dates in the forms
// that other servers and caches take, too. Pure.

#include "core/base/clock.hpp"

#include <string>
#include <string_view>

namespace trawl::crawl {

// RFC 9110, 8.8.3: a quoted text without spaces and quotes in it, behind W/ where it is weak.
bool is_entity_tag(std::string_view text);
bool is_strong_entity_tag(std::string_view text);

// An entity tag, or one whose server has left out the quotes: it is sent back as it came, as
// browsers do, since such servers compare it so. "*" is none, and would stand for any.
bool is_tag_of_a_server(std::string_view text);

// RFC 9110, 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT", by its form alone.
bool is_fixdate(std::string_view text);

// A date of one of the three forms of 5.6.7, or one that parse_http_date takes for them, as
// IMF-fixdate; one that is in that form stays as it is written. Empty for what is no date.
// seen: when it was received, for years of two digits.
std::string to_fixdate(std::string_view text, Wall seen);

}  // namespace trawl::crawl
