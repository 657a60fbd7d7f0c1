// One line an option, each under the condition that its command has been named.
#include "service/cli/completion.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iterator>

namespace trawl::service::cli {
namespace {

std::string in_single_quotes(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string values_of(const OptionEntry& option) {
  switch (option.value) {
    case ValueKind::choice:
      return fmt::format(" -x -a '{}'", fmt::join(option.choices, " "));
    case ValueKind::file:
      return " -r -F";
    case ValueKind::folder:
      return " -x -a '(__fish_complete_directories)'";
    case ValueKind::setting:
      return " -x -a '(__trawl_keys)'";
    case ValueKind::text:
      return " -x";
    case ValueKind::none:
      break;
  }
  return {};
}

void append_option(std::string& text, const std::string& condition, const OptionEntry& option) {
  text += "complete -c trawl" + condition;
  for (const std::string& name : option.names)
    text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  fmt::format_to(std::back_inserter(text), "{} -d '{}'\n", values_of(option),
                 in_single_quotes(option.help));
}

void append_command(std::string& text, const CommandEntry& command) {
  // Options of the program hold for every command.
  const std::string here = fmt::format(" -n '__trawl_at \"{}\"'", command.path);
  for (const OptionEntry& option : command.options)
    append_option(text, command.path.empty() ? std::string{} : here, option);
  for (const CommandEntry& sub : command.commands)
    fmt::format_to(std::back_inserter(text), "complete -c trawl{} -a {} -d '{}'\n", here,
                   sub.name(), in_single_quotes(sub.help));
  for (const OptionEntry& positional : command.positionals) {
    const std::string values = positional.value == ValueKind::file     ? " -F"
                               : positional.value == ValueKind::choice ? values_of(positional)
                               : positional.value == ValueKind::folder
                                   ? " -a '(__fish_complete_directories)'"
                                   : "";
    if (!values.empty()) text += "complete -c trawl" + here + values + "\n";
  }
}

}  // namespace

std::string fish_completion(const CommandEntry& root, std::span<const std::string_view> keys) {
  std::string text = "# fish completion for trawl; made by `trawl completion fish`.\n";
  fmt::format_to(std::back_inserter(text),
                 "function __trawl_keys\n  printf '%s=\\n' {}\nend\n"
                 "function __trawl_at\n  set -l path ''\n"
                 "  for word in (commandline -opc)[2..]\n    switch \"$path $word\"\n",
                 fmt::join(keys, " "));
  const auto commands = all_commands(root);
  for (const CommandEntry* command : commands) {
    if (command->path.empty()) continue;
    const auto space = command->path.rfind(' ');
    fmt::format_to(std::back_inserter(text), "      case '{} {}'\n        set path '{}'\n",
                   space == std::string::npos ? "" : command->path.substr(0, space),
                   command->name(), command->path);
  }
  text += "    end\n  end\n  test \"$path\" = $argv[1]\nend\ncomplete -c trawl -f\n";
  for (const CommandEntry* command : commands) append_command(text, *command);
  return text;
}

}  // namespace trawl::service::cli
