#pragma once
// `trawl cookies`: the cookies that a folder keeps, with fetch.cookies = "persist".

#include "core/web/headers/cookie.hpp"
#include "service/cli/output.hpp"
#include "service/run/exit_code.hpp"

#include <string>
#include <vector>

namespace trawl::service::cli {

struct CookiesOptions {
  std::string folder;
  std::string export_file;  // empty: a table, without values
};

// Throws Failure.
ExitCode run_cookies(const CookiesOptions& options, Output& out);

// Pure; a line a cookie, no values, safe for a terminal.
std::string cookie_table(const std::vector<web::Cookie>& cookies);

}  // namespace trawl::service::cli
