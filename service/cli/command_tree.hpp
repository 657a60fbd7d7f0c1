#pragma once
// CommandTree: the command line as data, read from CLI11's own tree: what completions and the
// manual page are made from, so that neither can lack an option.

#include <cstdint>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace trawl::service::cli {

// What stands after an option, or in a positional's place.
enum class ValueKind : std::uint8_t {
  none,  // a flag
  text,
  choice,  // one of OptionEntry::choices
  file,
  folder,
  setting,  // key=value, with the keys of a job file
};

struct OptionEntry {
  std::vector<std::string> names;  // "-o", "--output"; of a positional: its name alone
  std::string value_name;          // "DIR"; empty for flags and positionals
  ValueKind value = ValueKind::none;
  std::vector<std::string> choices;
  std::string help;
  bool required = false;
  bool repeated = false;  // a positional that may stand several times
};

struct CommandEntry {
  std::string path;  // "warc extract"; empty: the program
  std::string help;
  std::string footer;
  std::vector<OptionEntry> options;
  std::vector<OptionEntry> positionals;
  std::vector<CommandEntry> commands;

  std::string name() const;  // the last word of the path
};

// Hidden commands and options, those without a group, are left out.
CommandEntry command_tree(const CLI::App& app);

// Every command, the program first, each before its own commands.
std::vector<const CommandEntry*> all_commands(const CommandEntry& root);

}  // namespace trawl::service::cli
