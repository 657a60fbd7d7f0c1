#pragma once
// fetch.headers: a table whose names are free, within what HTTP allows and trawl does not do
// itself.

#include "config/key.hpp"
#include "core/http/message/message.hpp"

#include <string_view>
#include <vector>

namespace trawl::config {

// Adds a header or replaces the one of that name. Messages never show the value: it may be a
// secret.
void read_header(std::string_view name, const toml::node& node, http::Headers& headers,
                 Problems& problems);

std::vector<PrintedValue> print_headers(const http::Headers& headers);

// The header that a variable's last part names: "X_API_KEY" is "X-Api-Key".
std::string header_from_variable(std::string_view part);

}  // namespace trawl::config
