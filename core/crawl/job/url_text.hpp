#pragma once
// What the log and the record show of texts that may have secrets in them. Pure.

#include <string>
#include <string_view>

namespace trawl::crawl {

// A URL, or what was meant to be one, without the user name and the password in it.
std::string without_userinfo(std::string text);

// The same of what may lack its scheme.
std::string without_user(std::string text);

// A line that is no URL, as its record has it.
std::string line_shown(std::string_view line);

// The beginning of a list's line in JSON that can't be fetched: neither its headers nor its body,
// where secrets are. Where something is left out, `where` takes its place, so that no two lines
// look the same.
std::string line_excerpt(std::string_view line, std::string_view where);

}  // namespace trawl::crawl
