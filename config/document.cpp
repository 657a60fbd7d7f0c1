// toml++ bounds the nesting of values but not the parts of a dotted key, and frees its tables
// recursively: a key of 100,000 parts overflows the stack. A scan of our own counts the parts
// first.
#include "config/document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <optional>
#include <system_error>

namespace trawl::config {
namespace {

constexpr int key_parts_max = 16;

struct Position {
  int line = 1;
  int column = 1;
};

// Counts characters, not bytes, as toml++ does.
Position position_of(std::string_view text, std::size_t offset) {
  Position at;
  for (const char c : text.substr(0, offset)) {
    if (c == '\n')
      at = {at.line + 1, 1};
    else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80)
      ++at.column;
  }
  return at;
}

// The end of the string that begins at `at` with a quote; text.size() when it has none. At the end
// of a multi-line one up to two quotes of its own may stand before the three that close it
// (TOML 1.0).
std::size_t string_end(std::string_view text, std::size_t at) {
  constexpr std::size_t closing = 3, run_max = 5;
  const char quote = text[at];
  const bool multi_line = text.substr(at).starts_with(quote == '"' ? R"(""")" : "'''");
  for (std::size_t i = at + (multi_line ? closing : 1); i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (!multi_line && (text[i] == '\n' || text[i] == quote)) {
      return text[i] == quote ? i + 1 : i;
    } else if (text[i] == quote) {
      const std::size_t run = std::min(text.find_first_not_of(quote, i), text.size()) - i;
      if (run >= closing) return i + std::min(run, run_max);
      i += run - 1;
    }
  }
  return text.size();
}

// Where a key has more parts than key_parts_max. Dots outside strings and comments only stand in
// keys and in numbers, and each of `= , { [` and the line's end begins a new one.
std::optional<std::size_t> find_long_key(std::string_view text) {
  int dots = 0;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '"' || c == '\'') {
      i = string_end(text, i);
      continue;
    }
    if (c == '#') {
      i = std::min(text.find('\n', i), text.size());
      continue;
    }
    if (c == '.' && ++dots >= key_parts_max) return i;
    if (c == '\n' || c == '=' || c == ',' || c == '{' || c == '[') dots = 0;
    ++i;
  }
  return std::nullopt;
}

}  // namespace

std::expected<std::string, ConfigError> read_document(const std::filesystem::path& file) {
  const auto refuse = [&](std::string message) {
    return std::unexpected(ConfigError{.file = file.string(), .message = std::move(message)});
  };
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) return refuse("is a directory, not a job file");
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> stream{std::fopen(file.c_str(), "rbe"),
                                                               std::fclose};
  if (!stream)
    return refuse(fmt::format("can't be opened: {}", std::generic_category().message(errno)));
  std::string text(job_file_bytes_max + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), stream.get()));
  if (std::ferror(stream.get()) != 0)
    return refuse(fmt::format("can't be read: {}", std::generic_category().message(errno)));
  if (text.size() > job_file_bytes_max)
    return refuse("is over 1 MiB, too large for a job file; put long URL lists into seeds.files");
  return text;
}

std::expected<toml::table, ConfigError> parse_document(std::string_view text,
                                                       const std::string& file) {
  const auto refuse = [&](Position at, std::string message) {
    return std::unexpected(ConfigError{file, at.line, at.column, {}, std::move(message)});
  };
  if (text.size() > job_file_bytes_max)
    return std::unexpected(ConfigError{.file = file, .message = "is over 1 MiB"});
  if (const auto nul = text.find('\0'); nul != std::string_view::npos)
    return refuse(position_of(text, nul), "a NUL byte: this is not a text file in UTF-8");
  if (const auto at = find_long_key(text))
    return refuse(position_of(text, *at),
                  fmt::format("a key of more than {} parts", key_parts_max));
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    const auto& at = error.source().begin;
    return refuse({static_cast<int>(at.line), static_cast<int>(at.column)},
                  std::string{error.description()});
  }
}

std::unique_ptr<toml::node> parse_value(std::string_view text) {
  // A value is one line, or else a second line could smuggle in another key.
  if (text.find('\n') != std::string_view::npos) return nullptr;
  auto document = parse_document(fmt::format("value = {}", text), {});
  if (!document || document->size() != 1) return nullptr;
  toml::node* value = document->get("value");
  return value->visit([](auto& node) -> std::unique_ptr<toml::node> {
    return std::make_unique<std::remove_cvref_t<decltype(node)>>(std::move(node));
  });
}

}  // namespace trawl::config
