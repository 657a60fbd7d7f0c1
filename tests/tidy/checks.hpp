#pragma once
// What the source tree promises and a compiler doesn't check. Each function returns its findings as
// "path:line: what is wrong"; none means that all is well.

#include "tests/tidy/source_tree.hpp"

#include <string>
#include <vector>

namespace trawl::tidy {

using Findings = std::vector<std::string>;

// The picture of who may include whom, and which folder a library belongs to (DESIGN: web is pure,
// curl lives in http, SQLite in storage).
Findings check_includes(const SourceFile& file);

// Calls that are banned: asio::detached, stopping an io_context, co_spawn outside core/coro,
// sleeps, system(), printing outside service, `using namespace` in headers.
Findings check_banned_calls(const SourceFile& file);

// Length of file and functions, #pragma once, the opening comment, no left-over marks of work to
// do.
Findings check_form(const SourceFile& file);

// Every .cpp is listed in a CMakeLists.txt of its folder or one above it, or globbed there.
Findings check_listed(const std::vector<SourceFile>& tree);

}  // namespace trawl::tidy
