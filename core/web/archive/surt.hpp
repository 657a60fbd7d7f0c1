#pragma once
// SURT keys: URLs in the form that web archives sort and look up by, "org,example)/path?query".

#include <string>
#include <string_view>

namespace trawl::web {

// The key as the Internet Archive's canonicaliser makes it, which pywb and the CDX servers use: no
// scheme, no user, no "www.", labels of the host reversed, everything in lower case, percent signs
// undone, session ids gone, parameters sorted. URLs without a host are only put in lower case. Has
// no space. Never fails: what is no URL is its own key.
std::string surt_key(std::string_view url);

}  // namespace trawl::web
