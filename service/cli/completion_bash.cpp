// One function without bash-completion's library: which command the words before the cursor name,
// then what may stand where the cursor is.
#include "service/cli/completion.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iterator>

namespace trawl::service::cli {
namespace {

constexpr std::string_view head = R"(# bash completion for trawl; made by `trawl completion bash`.
_trawl_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur"); }
_trawl_nothing() { compopt +o default 2>/dev/null; COMPREPLY=(); }
_trawl_files() { compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); }
_trawl_folders() { compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$cur"); }
_trawl_setting() {
  compopt -o nospace 2>/dev/null
  mapfile -t COMPREPLY < <(compgen -S = -W "$_trawl_keys" -- "$cur")
}
)";

constexpr std::string_view walk = R"(_trawl() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} path= i
  # "--format=csv" is three words here.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]] && ((COMP_CWORD > 1)); then
    prev=${COMP_WORDS[COMP_CWORD-2]}
  fi
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case "$path ${COMP_WORDS[i]}" in
)";

std::string_view function_of(ValueKind kind) {
  switch (kind) {
    case ValueKind::file:
      return "_trawl_files";
    case ValueKind::folder:
      return "_trawl_folders";
    case ValueKind::setting:
      return "_trawl_setting";
    default:
      return "_trawl_nothing";
  }
}

std::string action_of(const OptionEntry& option) {
  if (option.value == ValueKind::choice)
    return fmt::format("_trawl_words '{}'", fmt::join(option.choices, " "));
  return std::string{function_of(option.value)};
}

// An option's value, by the word before the cursor. Options of the program hold for every command.
void append_values(std::string& text, const CommandEntry& command) {
  for (const OptionEntry& option : command.options) {
    if (option.value == ValueKind::none) continue;
    std::vector<std::string> patterns;
    for (const std::string& name : option.names)
      patterns.push_back(command.path.empty() ? fmt::format("*:{}", name)
                                              : fmt::format("'{}:{}'", command.path, name));
    fmt::format_to(std::back_inserter(text), "    {}) {}; return ;;\n", fmt::join(patterns, " | "),
                   action_of(option));
  }
}

std::string option_words(const CommandEntry& command) {
  std::string words;
  for (const OptionEntry& option : command.options)
    for (const std::string& name : option.names) words += (words.empty() ? "" : " ") + name;
  return words;
}

// Where the cursor begins no option.
std::string positional_action(const CommandEntry& command) {
  if (!command.commands.empty()) {
    std::string words;
    for (const CommandEntry& sub : command.commands)
      words += (words.empty() ? "" : " ") + sub.name();
    return fmt::format("_trawl_words '{}'", words);
  }
  for (const OptionEntry& positional : command.positionals)
    if (positional.value != ValueKind::text) return action_of(positional);
  return "_trawl_nothing";
}

}  // namespace

std::string bash_completion(const CommandEntry& root, std::span<const std::string_view> keys) {
  const auto commands = all_commands(root);
  std::string text{head};
  fmt::format_to(std::back_inserter(text), "_trawl_keys='{}'\n", fmt::join(keys, " "));
  text += walk;
  for (const CommandEntry* command : commands) {
    if (command->path.empty()) continue;
    const auto space = command->path.rfind(' ');
    const std::string above = space == std::string::npos ? "" : command->path.substr(0, space);
    fmt::format_to(std::back_inserter(text), "      '{} {}') path='{}' ;;\n", above,
                   command->name(), command->path);
  }
  text += "    esac\n  done\n  case \"$path:$prev\" in\n";
  for (const CommandEntry* command : commands) append_values(text, *command);
  text += "  esac\n  local options=\n  case \"$path\" in\n";
  for (const CommandEntry* command : commands)
    fmt::format_to(std::back_inserter(text), "    '{}') options='{}' ;;\n", command->path,
                   option_words(*command));
  fmt::format_to(std::back_inserter(text),
                 "  esac\n  if [[ $cur == -* ]]; then\n"
                 "    _trawl_words \"$options {}\"\n    return\n  fi\n  case \"$path\" in\n",
                 option_words(root));
  for (const CommandEntry* command : commands)
    fmt::format_to(std::back_inserter(text), "    '{}') {} ;;\n", command->path,
                   positional_action(*command));
  return text + "  esac\n}\ncomplete -o default -F _trawl trawl\n";
}

}  // namespace trawl::service::cli
