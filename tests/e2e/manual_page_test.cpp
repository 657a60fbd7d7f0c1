// trawl(1) against --help of every command, and against a reader of manual pages.
#include "tests/support/subprocess.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <vector>

namespace trawl {
namespace {

using support::run;
using testing::HasSubstr;

std::string output_of(std::vector<std::string> args) {
  args.insert(args.begin(), TRAWL_BINARY_DIR "/trawl");
  const auto finished = run({.args = args});
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  return finished.out;
}

std::vector<std::string> matches(const std::string& text, const std::string& pattern) {
  std::vector<std::string> found;
  const std::regex regex{pattern};
  for (std::sregex_iterator at{text.begin(), text.end(), regex}, end; at != end; ++at)
    found.push_back((*at)[1]);
  return found;
}

// Commands as --help lists them, those of commands too.
void collect(const std::vector<std::string>& command, std::vector<std::vector<std::string>>& all) {
  auto args = command;
  args.emplace_back("--help");
  const std::string help = output_of(args);
  all.push_back(command);
  const auto list = help.find("\nSubcommands:\n");
  if (list == std::string::npos) return;
  for (const std::string& name : matches(help.substr(list), "\n  ([a-z]+)")) {
    auto sub = command;
    sub.push_back(name);
    collect(sub, all);
  }
}

TEST(ManualPage, HasEveryCommandWithEveryOptionThatHelpShows) {
  const std::string page = output_of({"man"});
  std::vector<std::vector<std::string>> commands;
  collect({}, commands);
  EXPECT_GT(commands.size(), 15U);
  for (auto command : commands) {
    std::string words = "trawl";
    for (const std::string& word : command) words += " " + word;
    const auto begin =
        command.empty() ? page.find(".SH OPTIONS\n") : page.find(".SS \\fB" + words + "\\fR");
    ASSERT_NE(begin, std::string::npos) << words;
    const std::string part = page.substr(begin, page.find("\n.S", begin + 4) - begin);
    command.emplace_back("--help");
    for (const std::string& option : matches(output_of(command), "\n  (?:-\\w,)?(--[a-z-]+)"))
      if (option != "--help")
        EXPECT_THAT(part, HasSubstr(std::regex_replace(option, std::regex{"-"}, "\\-"))) << words;
  }
}

TEST(ManualPage, IsInOrderToAReaderOfManualPages) {
  const auto checked =
      run({.args = {"mandoc", "-Tlint", "-Wwarning"}, .input = output_of({"man"})});
  EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
}

TEST(ManualPage, ReadsAsText) {
  const auto shown =
      run({.args = {"mandoc", "-Tascii", "-Owidth=100"}, .input = output_of({"man"})});
  const std::string text = std::regex_replace(shown.out, std::regex{".\b"}, "");
  EXPECT_THAT(text, HasSubstr("trawl crawl [options] [URL...]"));
  EXPECT_THAT(text, HasSubstr("-o, --output DIR"));
  EXPECT_THAT(text, HasSubstr("EXIT STATUS"));
  EXPECT_THAT(text, HasSubstr("what --fail-on names; or trawl"));
}

}  // namespace
}  // namespace trawl
