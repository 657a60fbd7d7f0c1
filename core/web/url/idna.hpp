#pragma once
// Internationalised domain names: "domain to ASCII" of the URL standard, section 3.3.

#include "core/base/result.hpp"

#include <string>
#include <string_view>

namespace trawl::web {

// Appends the ASCII form to out. An ASCII domain is only lower-cased: as in browsers, its xn--
// labels are not looked into. Any other passes UTS 46, not transitional. Errors: Errc::bad_url.
Result<> append_ascii_domain(std::string& out, std::string_view domain);

}  // namespace trawl::web
