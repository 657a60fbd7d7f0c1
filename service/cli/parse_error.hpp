#pragma once
// What is wrong with a command line, said so that the next try is right.

#include <CLI/App.hpp>

namespace trawl::service::cli {

// One line for standard error, with its end: what was not understood, what may have been meant (a
// command, an option, or a key of the job file where other programs have an option), and where to
// read on. argv: as given to app.parse(), which threw the error.
std::string parse_error_line(const CLI::App& app, int argc, const char* const* argv,
                             const CLI::ParseError& error);

}  // namespace trawl::service::cli
