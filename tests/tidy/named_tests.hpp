#pragma once
// Tests that a document names must exist: a table that says what is shown by what is worth as much
// as its last column.

#include "tests/tidy/checks.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace trawl::tidy {

// `Suite.Name` in backquotes, both beginning with a capital; in order, each as often as it is
// there.
std::vector<std::string> tests_named_in(std::string_view document);

// Those of them that no TEST, TEST_F or TEST_P of the tree defines.
Findings check_named_tests(std::string_view document, const std::vector<SourceFile>& tree);

}  // namespace trawl::tidy
