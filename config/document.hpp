#pragma once
// TOML text into toml++'s tree, guarded against what toml++ itself does not bound.

#include "config/job.hpp"

#include <toml++/toml.h>

#include <expected>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace trawl::config {

// The whole file. Errors: missing, unreadable, a directory, over job_file_bytes_max.
std::expected<std::string, ConfigError> read_document(const std::filesystem::path& file);

// Errors carry the position of the first NUL byte, over-long key or syntax error.
std::expected<toml::table, ConfigError> parse_document(std::string_view text,
                                                       const std::string& file);

// The value of an override: one TOML value, and nothing after it. Null when it is not that.
std::unique_ptr<toml::node> parse_value(std::string_view text);

}  // namespace trawl::config
