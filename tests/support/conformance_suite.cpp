// The table can't be out of date: each suite that runs compares its row.
#include "tests/support/conformance_suite.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

namespace trawl::support {
namespace {

std::string table() {
  std::ifstream file{TRAWL_SOURCE_DIR "/docs/conformance.md"};
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string file_name(std::string name) {
  std::ranges::replace_if(name, [](unsigned char c) { return std::isalnum(c) == 0; }, '-');
  return name;
}

}  // namespace

ConformanceSuite::ConformanceSuite(std::string name, std::string data)
    : name_(std::move(name)), data_(std::move(data)) {}

void ConformanceSuite::expect(bool right, const std::string& test_case) {
  ++cases_;
  const auto known = explained_.find(test_case);
  if (right) {
    ++passed_;
    EXPECT_EQ(known, explained_.end()) << test_case << " passes, although it is said not to";
  } else if (known == explained_.end()) {
    ADD_FAILURE() << name_ << ": " << test_case;
  } else {
    ++failed_[known->second];
  }
}

void ConformanceSuite::explain(const std::string& test_case, const std::string& reason) {
  explained_[test_case] = reason;
}

std::string ConformanceSuite::row() const {
  return fmt::format("| {} | `{}` | {} | {} |", name_, data_, cases_, passed_);
}

std::string ConformanceSuite::notes() const {
  std::vector<std::string> lines;
  for (const auto& [reason, count] : failed_)
    lines.push_back(
        fmt::format("- {}: {} {}: {}\n", name_, count, count == 1 ? "case" : "cases", reason));
  std::ranges::sort(lines);  // as ./dev conformance writes them
  return fmt::format("{}", fmt::join(lines, ""));
}

void ConformanceSuite::write(const std::string& folder) const {
  const std::string base = folder + "/" + file_name(name_);
  std::ofstream{base + ".row"} << row() << '\n';
  std::ofstream{base + ".notes"} << notes();
}

ConformanceSuite::~ConformanceSuite() {
  if (std::uncaught_exceptions() > 0) return;
  if (const char* folder = std::getenv("TRAWL_CONFORMANCE_FOLDER")) {
    write(folder);
    return;
  }
  const std::string text = table();
  for (const std::string& part : {row() + '\n', notes()})
    EXPECT_TRUE(text.contains(part)) << "docs/conformance.md lacks this; ./dev conformance writes "
                                        "it:\n"
                                     << part;
}

}  // namespace trawl::support
