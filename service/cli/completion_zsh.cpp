// The words up to the command are shifted away, so that _arguments sees one command with its
// options.
#include "service/cli/completion.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iterator>

namespace trawl::service::cli {
namespace {

constexpr std::string_view walk = R"(_trawl() {
  local named= at=1 i
  for ((i = 2; i < CURRENT; ++i)); do
    case "$named ${words[i]}" in
)";

// Within single quotes, where _arguments also reads \, : and brackets.
std::string in_single_quotes(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else if (c == ':' || c == '[' || c == ']' || c == '\\')
      out += {'\\', c};
    else
      out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string action_of(const OptionEntry& option, std::span<const std::string_view> keys) {
  switch (option.value) {
    case ValueKind::choice:
      return fmt::format("({})", fmt::join(option.choices, " "));
    case ValueKind::file:
      return "_files";
    case ValueKind::folder:
      return "_files -/";
    case ValueKind::setting:
      return fmt::format("compadd -S = - {}", fmt::join(keys, " "));
    default:
      return " ";
  }
}

// '(-o --output)'{-o,--output}'[help]:DIR:_files -/'
void append_option(std::string& text, const OptionEntry& option,
                   std::span<const std::string_view> keys) {
  const bool several = option.names.size() > 1;
  // --set and -v may stand again, and CLI11 takes the last of the others.
  text += several ? fmt::format(" '*'{{{}}}", fmt::join(option.names, ","))
                  : fmt::format(" '*'{}", option.names.front());
  fmt::format_to(std::back_inserter(text), "'[{}]", in_single_quotes(option.help));
  if (option.value != ValueKind::none)
    fmt::format_to(std::back_inserter(text), ":{}:{}", in_single_quotes(option.value_name),
                   action_of(option, keys));
  text += "'";
}

void append_commands(std::string& text, const CommandEntry& command) {
  text += " '1: :((";
  for (const CommandEntry& sub : command.commands) {
    std::string help = sub.help;
    std::erase_if(help, [](char c) { return c == '"' || c == '\'' || c == ':' || c == '\\'; });
    fmt::format_to(std::back_inserter(text), "{}\\:\"{}\" ", sub.name(), help);
  }
  text += "))'";
}

}  // namespace

std::string zsh_completion(const CommandEntry& root, std::span<const std::string_view> keys) {
  std::string text =
      "#compdef trawl\n# zsh completion for trawl; made by `trawl completion zsh`.\n";
  text += walk;
  const auto commands = all_commands(root);
  for (const CommandEntry* command : commands) {
    if (command->path.empty()) continue;
    const auto space = command->path.rfind(' ');
    const std::string above = space == std::string::npos ? "" : command->path.substr(0, space);
    fmt::format_to(std::back_inserter(text), "      '{} {}') named='{}' at=$i ;;\n", above,
                   command->name(), command->path);
  }
  text +=
      "    esac\n  done\n  words=(\"${(@)words[at,-1]}\")\n  ((CURRENT -= at - 1))\n"
      "  case \"$named\" in\n";
  for (const CommandEntry* command : commands) {
    fmt::format_to(std::back_inserter(text), "    '{}') _arguments -s", command->path);
    for (const OptionEntry& option : command->options) append_option(text, option, keys);
    if (!command->path.empty())
      for (const OptionEntry& option : root.options)
        if (option.names.back() != "--help" && option.names.back() != "--version")
          append_option(text, option, keys);
    if (!command->commands.empty()) append_commands(text, *command);
    for (const OptionEntry& positional : command->positionals)
      fmt::format_to(std::back_inserter(text), " '{}:{}:{}'", positional.repeated ? "*" : "",
                     in_single_quotes(positional.names.front()), action_of(positional, keys));
    text += " ;;\n";
  }
  return text + "  esac\n}\n_trawl \"$@\"\n";
}

}  // namespace trawl::service::cli
