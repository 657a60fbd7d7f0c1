#pragma once
// The conditions on records as options, the same for every command that has them.

#include "service/records/record_filter.hpp"

#include <CLI/App.hpp>

#include <string>
#include <vector>

namespace trawl::service::cli {

// filter must outlive the parsing.
void add_filter_options(CLI::App& command, FilterText& filter);

// --with-text main|all; part must outlive the parsing.
void add_text_option(CLI::App& command, std::string& part);

// --select NAME=EXPRESSION, repeatable; wanted must outlive the parsing.
void add_select_option(CLI::App& command, std::vector<std::string>& wanted);

}  // namespace trawl::service::cli
