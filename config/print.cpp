// `check --print` shows every value with the place it comes from, as a job file that can be loaded
// again: what is printed is what runs.
#include "config/check.hpp"
#include "config/job.hpp"
#include "config/key.hpp"
#include "config/priorities.hpp"
#include "config/sites.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trawl::config {
namespace {

constexpr std::size_t comment_column = 44;

std::string print_line(const LoadedJob& job, const Key& key, const PrintedValue& value) {
  std::string name{key.path.substr(key.path.find('.') + 1)};
  std::string path{key.path};
  if (!value.entry.empty()) {
    name += fmt::format(".{}", toml_key(value.entry));
    path += fmt::format(".{}", lower_ascii(value.entry));
  }
  return print_assignment(fmt::format("{} = {}", name, value.text), job.origin(path));
}

}  // namespace

std::string toml_key(std::string_view name) {
  const bool bare = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
  return bare && !name.empty() ? std::string{name} : toml_string(name);
}

std::string print_assignment(std::string_view assignment, const Origin& origin) {
  return fmt::format("{:<{}}  # {}\n", assignment, comment_column, origin.text());
}

std::string toml_float(double number) {
  std::string text = fmt::format("{}", number);
  if (text.find_first_of(".e") == text.npos) text += ".0";
  return text;
}

std::string toml_string(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      quoted += fmt::format("\\u{:04X}", byte);
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

std::string toml_list(std::span<const std::string> texts) {
  std::string list = "[";
  for (const std::string& text : texts) {
    if (list.size() > 1) list += ", ";
    list += toml_string(text);
  }
  return list + ']';
}

std::string print_job(const LoadedJob& job) {
  std::string text;
  std::string_view section;
  for (const Key& key : job_keys()) {
    if (section_of(key.path) != section) {
      section = section_of(key.path);
      text += fmt::format("{}[{}]\n", text.empty() ? "" : "\n", section);
    }
    for (const PrintedValue& value : key.print(job.spec)) text += print_line(job, key, value);
  }
  return text + print_sites(job) + print_priorities(job);
}

}  // namespace trawl::config
