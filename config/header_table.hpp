#pragma once
// fetch.headers: a table whose names are free, within what HTTP allows and trawl does not do
// itself.

#include "config/key.hpp"
#include "core/http/message/message.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::config {

// Of fetch.headers, and of output.warcinfo.
constexpr std::size_t table_entries_max = 1000;

// Adds a field or replaces the one of that name, in whatever case. False: there are too many.
bool set_field(http::Headers& fields, std::string name, std::string value);

// Adds a header or replaces the one of that name. Messages never show the value: it may be a
// secret.
void read_header(std::string_view name, const toml::node& node, http::Headers& headers,
                 Problems& problems);

std::vector<PrintedValue> print_headers(const http::Headers& headers);

// The header that a variable's last part names: "X_API_KEY" is "X-Api-Key".
std::string header_from_variable(std::string_view part);

}  // namespace trawl::config
