// CLI11 knows what is accepted, but not what a value is; that is read from how the help names it:
// DIR and TARGET are folders, FILE and JOB.toml are files, "text|json" and "a, b or c" are choices.
#include "service/cli/command_tree.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace trawl::service::cli {
namespace {

bool is_word(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

// The parts between separators when all of them are words; else none.
std::vector<std::string> words_between(std::string_view text, std::string_view separator) {
  std::vector<std::string> words;
  for (;;) {
    const auto end = text.find(separator);
    if (!is_word(text.substr(0, end))) return {};
    words.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + separator.size());
  }
  return words.size() > 1 ? words : std::vector<std::string>{};
}

// "a, b or c", also with more behind a semicolon.
std::vector<std::string> words_of_sentence(std::string_view text) {
  text = text.substr(0, text.find(';'));
  const auto last = text.rfind(" or ");
  if (last == std::string_view::npos || !is_word(text.substr(last + 4))) return {};
  const std::string_view before = text.substr(0, last);
  auto words = before.contains(", ") ? words_between(before, ", ") : std::vector<std::string>{};
  if (words.empty() && is_word(before)) words.emplace_back(before);
  if (!words.empty()) words.emplace_back(text.substr(last + 4));
  return words;
}

// "TEXT:{jsonl,csv,table}".
std::vector<std::string> words_of_type(std::string_view type) {
  const auto open = type.find('{'), close = type.find('}');
  if (open == std::string_view::npos || close == std::string_view::npos) return {};
  return words_between(type.substr(open + 1, close - open - 1), ",");
}

std::vector<std::string> choices_of(const CLI::Option& option) {
  auto words = words_between(option.get_option_text(), "|");
  if (words.empty()) words = words_of_type(option.get_type_name());
  if (words.empty()) words = words_of_sentence(option.get_description());
  return words;
}

ValueKind kind_of(std::string_view value_name) {
  if (value_name == "DIR" || value_name == "TARGET") return ValueKind::folder;
  if (value_name == "FILE" || value_name.ends_with(".toml")) return ValueKind::file;
  return value_name == "KEY=VALUE" ? ValueKind::setting : ValueKind::text;
}

// The name alone: "TEXT:{…}" and "UINT:INT in [1 - 9]" say more than a synopsis has room for.
std::string value_name_of(const CLI::Option& option) {
  if (!option.get_option_text().empty()) return option.get_option_text();
  const std::string type = option.get_type_name();
  const std::string_view name = std::string_view{type}.substr(0, type.find(':'));
  if (option.check_lname("set")) return "KEY=VALUE";
  return name == "TEXT" ? "TEXT" : "N";
}

OptionEntry entry_of(const CLI::Option& option) {
  OptionEntry entry{.help = option.get_description(), .required = option.get_required()};
  if (option.nonpositional()) {
    for (const std::string& name : option.get_snames()) entry.names.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) entry.names.push_back("--" + name);
    if (option.get_items_expected_max() == 0) return entry;
    entry.value_name = value_name_of(option);
    entry.value = kind_of(entry.value_name);
  } else {
    entry.names.push_back(option.get_name(true));
    entry.value = kind_of(entry.names.front());
    entry.repeated = option.get_items_expected_max() > 1;
  }
  entry.choices = choices_of(option);
  if (!entry.choices.empty()) entry.value = ValueKind::choice;
  return entry;
}

CommandEntry read_command(const CLI::App& app, std::string path) {
  CommandEntry command{
      .path = std::move(path), .help = app.get_description(), .footer = app.get_footer()};
  while (command.footer.starts_with('\n')) command.footer.erase(0, 1);
  while (command.footer.ends_with('\n')) command.footer.pop_back();
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    (option->nonpositional() ? command.options : command.positionals).push_back(entry_of(*option));
  }
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    if (!sub->get_group().empty())
      command.commands.push_back(read_command(
          *sub, command.path.empty() ? sub->get_name() : command.path + " " + sub->get_name()));
  return command;
}

void collect(const CommandEntry& command, std::vector<const CommandEntry*>& all) {
  all.push_back(&command);
  for (const CommandEntry& sub : command.commands) collect(sub, all);
}

}  // namespace

std::string CommandEntry::name() const {
  return path.substr(path.rfind(' ') + 1);
}

CommandEntry command_tree(const CLI::App& app) {
  return read_command(app, {});
}

std::vector<const CommandEntry*> all_commands(const CommandEntry& root) {
  std::vector<const CommandEntry*> all;
  collect(root, all);
  return all;
}

}  // namespace trawl::service::cli
