#pragma once
// A job that comes as JSON: the same tables as nested objects. Pure.

#include "core/base/result.hpp"

#include <string>
#include <string_view>

namespace trawl::service {

// TOML that says the same. Errors: Errc::config, a sentence.
Result<std::string> toml_from_json(std::string_view json);

}  // namespace trawl::service
