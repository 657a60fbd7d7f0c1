// The public face: which layers there are, in which order, and how their errors are shown.
#include "config/job.hpp"

#include "config/document.hpp"
#include "config/layers.hpp"
#include "core/base/log.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trawl::config {
namespace {

constexpr std::size_t name_bytes_max = 64;

}  // namespace

std::string job_name_from(std::string_view text) {
  std::string name{text.substr(0, name_bytes_max)};
  for (char& c : name) {
    const bool allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (!allowed) c = '-';
  }
  return name.empty() ? crawl::JobSpec{}.name : name;
}

std::string Origin::text() const {
  const std::string name = printable(source);
  return line == 0 ? name : fmt::format("{}:{}:{}", name, line, column);
}

Origin LoadedJob::origin(std::string_view key) const {
  const auto found = origins.find(key);
  return found == origins.end() ? Origin{} : found->second;
}

Loaded<LoadedJob> load_job(const std::filesystem::path& file, const Overrides& overrides) {
  const auto text = read_document(file);
  if (!text) return std::unexpected(std::vector{text.error()});
  return load_job_text(*text, file.string(), overrides);
}

Loaded<LoadedJob> load_job_text(std::string_view toml, const std::string& file,
                                const Overrides& overrides) {
  const auto document = parse_document(toml, file);
  if (!document) return std::unexpected(std::vector{document.error()});
  Layers layers{job_name_from(std::filesystem::path{file}.stem().string())};
  layers.add_document(*document, file);
  layers.add_environment(overrides.environment);
  for (const Override& option : overrides.options) layers.add_option(option);
  return std::move(layers).finish(file);
}

Loaded<LoadedJob> load_job_without_file(std::string_view name, const Overrides& overrides) {
  Layers layers{job_name_from(name)};
  layers.add_environment(overrides.environment);
  for (const Override& option : overrides.options) layers.add_option(option);
  return std::move(layers).finish({});
}

std::map<std::string, std::string> trawl_environment(const char* const* block) {
  std::map<std::string, std::string> variables;
  for (; block != nullptr && *block != nullptr; ++block) {
    const std::string_view entry{*block};
    const auto equals = entry.find('=');
    if (equals != std::string_view::npos && entry.starts_with("TRAWL_"))
      variables.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return variables;
}

std::expected<Override, ConfigError> parse_set(std::string_view argument) {
  const auto trimmed = [](std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return std::string{text};
  };
  const auto equals = argument.find('=');
  Override option{.key = trimmed(argument.substr(0, equals)), .value = {}};
  if (equals == std::string_view::npos || option.key.empty())
    return std::unexpected(
        ConfigError{.file = "--set",
                    .message = fmt::format("expected key=value like fetch.concurrency=16, found {}",
                                           printable(argument, 80))});
  option.value = trimmed(argument.substr(equals + 1));
  return option;
}

std::string format_error(const ConfigError& error) {
  std::string text = Origin{error.file, error.line, error.column}.text();
  if (!error.key.empty()) text += fmt::format(": key {}", error.key);
  return fmt::format("{}: {}", text, error.message);
}

}  // namespace trawl::config
