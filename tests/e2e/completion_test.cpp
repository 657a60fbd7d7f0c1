// The shells themselves complete a line with the script that trawl prints for them.
#include "tests/support/subprocess.hpp"
#include "tests/support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

namespace trawl {
namespace {

using support::run;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;

constexpr const char* trawl = TRAWL_BINARY_DIR "/trawl";

std::string output_of(std::vector<std::string> args) {
  args.insert(args.begin(), trawl);
  const auto finished = run({.args = args});
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  return finished.out;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in{text};
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);)
    if (!line.empty()) lines.push_back(line);
  std::ranges::sort(lines);
  return lines;
}

// What bash offers for the last of the words.
std::vector<std::string> bash(const std::vector<std::string>& words) {
  std::string script = output_of({"completion", "bash"}) + "\nCOMP_WORDS=(";
  for (const std::string& word : words) script += " '" + word + "'";
  script +=
      ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_trawl\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n";
  const support::TempDir folder;
  folder.write("sub/file.warc", "");
  folder.write("a job.toml", "");
  const auto finished = run({.args = {"bash", "--norc", "-c", script}, .cwd = folder.string()});
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_EQ(finished.err, "");
  return lines_of(finished.out);
}

TEST(BashCompletion, OffersCommandsAndTheirOptions) {
  EXPECT_THAT(bash({"trawl", ""}), IsSupersetOf({"crawl", "fetch", "run", "results", "warc"}));
  EXPECT_THAT(bash({"trawl", ""}), Not(Contains("man")));
  EXPECT_THAT(bash({"trawl", "resul"}), ElementsAre("results"));
  EXPECT_THAT(bash({"trawl", "crawl", "--max"}), ElementsAre("--max-pages"));
  EXPECT_THAT(bash({"trawl", "-q", "crawl", "--q"}), ElementsAre("--quiet"));
  EXPECT_THAT(bash({"trawl", "warc", ""}), ElementsAre("extract", "index", "verify"));
  EXPECT_THAT(bash({"trawl", "warc", "extract", "--pay"}), ElementsAre("--payload"));
}

TEST(BashCompletion, OffersTheValuesOfAnOption) {
  EXPECT_THAT(bash({"trawl", "results", "--format", ""}), ElementsAre("csv", "jsonl", "table"));
  EXPECT_THAT(bash({"trawl", "results", "--format", "=", "c"}), ElementsAre("csv"));
  EXPECT_THAT(bash({"trawl", "results", "--format", "="}), ElementsAre("csv", "jsonl", "table"));
  EXPECT_THAT(bash({"trawl", "crawl", "--scope", "pre"}), ElementsAre("prefix"));
  EXPECT_THAT(bash({"trawl", "crawl", "--log-format", ""}), ElementsAre("json", "text"));
  EXPECT_THAT(bash({"trawl", "run", "--set", "politeness.delay"}),
              ElementsAre("politeness.delay=", "politeness.delay_max="));
  EXPECT_THAT(bash({"trawl", "crawl", "--depth", ""}), IsEmpty());
}

TEST(BashCompletion, OffersFoldersWhereAFolderIsMeantAndFilesWhereAFileIs) {
  EXPECT_THAT(bash({"trawl", "results", ""}), ElementsAre("sub"));
  EXPECT_THAT(bash({"trawl", "run", "a"}), ElementsAre("a job.toml"));
  EXPECT_THAT(bash({"trawl", "crawl", "-o", "s"}), ElementsAre("sub"));
  EXPECT_THAT(bash({"trawl", "export", "sub", "-o", "a"}), ElementsAre("a job.toml"));
  EXPECT_THAT(bash({"trawl", "wacz", "sub", "-o", "a"}), ElementsAre("a job.toml"));
}

std::vector<std::string> fish(const std::string& line) {
  const support::TempDir folder;
  const auto script = folder.write("trawl.fish", output_of({"completion", "fish"}));
  const auto finished =
      run({.args = {"fish", "--no-config", "-c",
                    "source '" + script.string() + "'; complete -C '" + line + "'"},
           .env = {{"HOME", folder.string()}},
           .cwd = folder.string()});
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_EQ(finished.err, "");
  auto lines = lines_of(finished.out);
  for (std::string& text : lines) text.resize(std::min(text.size(), text.find('\t')));
  return lines;
}

TEST(FishCompletion, OffersCommandsOptionsAndValues) {
  EXPECT_THAT(fish("trawl "), IsSupersetOf({"crawl", "fetch", "run", "results", "warc"}));
  EXPECT_THAT(fish("trawl crawl --max"), ElementsAre("--max-pages"));
  EXPECT_THAT(fish("trawl warc "), ElementsAre("extract", "index", "verify"));
  EXPECT_THAT(fish("trawl results --format "), ElementsAre("csv", "jsonl", "table"));
  EXPECT_THAT(fish("trawl run --set politeness.delay"),
              ElementsAre("politeness.delay=", "politeness.delay_max="));
  EXPECT_THAT(fish("trawl crawl --log-format "), ElementsAre("json", "text"));
}

// What zsh shows in a terminal of its own after the line and the key that completes it.
std::string zsh(const std::string& line) {
  constexpr const char* script = R"(
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "PROMPT= RPROMPT=; unsetopt zle_bracketed_paste prompt_sp prompt_cr; LISTMAX=0
  fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D; print RE''ADY"
zpty -r z text '*READY*'
zpty -w -n z "$2"$'\t'
zpty -w -n z $'\C-a#\n'
zpty -w z "print DO''NE"
zpty -r z text '*DONE*'
print -r -- "$text"
zpty -d z
)";
  const support::TempDir folder;
  folder.write("_trawl", output_of({"completion", "zsh"}));
  folder.write("target/file", "");
  const auto finished =
      run({.args = {"zsh", "-f", "-c", script, "zsh", folder.string(), line},
           .env = {{"HOME", folder.string()}, {"COLUMNS", "200"}, {"TERM", "xterm"}},
           .cwd = folder.string()});
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  return finished.out;
}

TEST(ZshCompletion, OffersCommandsOptionsAndValues) {
  EXPECT_THAT(zsh("trawl resul"), HasSubstr("trawl results"));
  EXPECT_THAT(zsh("trawl crawl --max"), HasSubstr("--max-pages"));
  EXPECT_THAT(zsh("trawl results --format c"), HasSubstr("--format csv"));
  EXPECT_THAT(zsh("trawl run --set output.warc_si"), HasSubstr("output.warc_size="));
  EXPECT_THAT(zsh("trawl backup . tar"), HasSubstr("trawl backup . target"));
  const std::string warc = zsh("trawl warc ");
  EXPECT_THAT(warc, HasSubstr("check every record"));
  EXPECT_THAT(warc, HasSubstr("extract"));
}

}  // namespace
}  // namespace trawl
