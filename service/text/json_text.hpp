#pragma once
// JSON that people and programs send, parsed by Boost.JSON; an error says where it is.

#include "core/base/result.hpp"

#include <boost/json/value.hpp>

#include <cstddef>
#include <string_view>

namespace trawl::service {

// One value with nothing behind it. Errors: Errc::usage, as "line 3, column 7: syntax error".
Result<boost::json::value> parse_json(std::string_view text, std::size_t nesting_max = 32);

}  // namespace trawl::service
