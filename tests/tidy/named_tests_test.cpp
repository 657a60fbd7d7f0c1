#include "tests/tidy/named_tests.hpp"

#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>

namespace trawl::tidy {
namespace {

std::string faults() {
  std::ifstream file{TRAWL_SOURCE_DIR "/docs/faults.md"};
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

TEST(FaultsTable, NamesTestsThatExist) {
  const std::string text = faults();
  EXPECT_GT(tests_named_in(text).size(), 60u);
  const auto missing = check_named_tests(text, read_source_tree(TRAWL_SOURCE_DIR));
  EXPECT_EQ(fmt::format("{}", fmt::join(missing, "\n")), "");
}

TEST(FaultsTable, HasARowForEveryFaultOnceAndInOrder) {
  const std::string text = faults();
  static const std::regex row{"\n\\| ([0-9]+) \\|"};
  int last = 0;
  for (std::sregex_iterator match{text.begin(), text.end(), row}, end; match != end; ++match)
    EXPECT_EQ(std::stoi((*match)[1]), ++last);
  EXPECT_EQ(last, 84);
}

TEST(CheckNamedTests, ATestThatIsNotThereIsFound) {
  const std::vector<SourceFile> tree{
      {"tests/a_test.cpp", "TEST(One, Two) {}\nTEST_F(Three,\n       Four) {}\n"},
      {"core/b.cpp", "TEST(Not, Ours) {}\n"}};
  EXPECT_TRUE(check_named_tests("| `One.Two`, `Three.Four` | `fetch.max_body` |", tree).empty());
  EXPECT_EQ(check_named_tests("`One.Four` and `Not.Ours`", tree).size(), 2u);
}

}  // namespace trawl::tidy
