#pragma once
// Hosts of URLs: the host parser and serialiser of the URL standard, sections 3.5 and 3.6.

#include "core/base/result.hpp"

#include <string>
#include <string_view>

namespace trawl::web {

// Appends the serialised host to out: a domain, an IPv4 or [IPv6] address, or an opaque host where
// the scheme is not special. text is not empty. Errors: Errc::bad_url; out is then unspecified.
Result<> append_host(std::string& out, std::string_view text, bool is_special);

// A serialised host that is an address and not a name.
bool is_ip_host(std::string_view hostname);

}  // namespace trawl::web
