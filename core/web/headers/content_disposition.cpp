// Two names may come: filename in the bytes of whatever charset the server thought of, and
// filename*, which says its charset. A wrong filename* is no name at all, so that the other counts.
#include "core/web/headers/content_disposition.hpp"

#include "core/base/limits.hpp"
#include "core/web/ascii.hpp"
#include "core/web/charset/charset.hpp"
#include "core/web/charset/content.hpp"
#include "core/web/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace trawl::web {
namespace {

constexpr std::size_t extension_bytes_max = 16;

// A parameter's value; absent when a quoted string doesn't end.
struct Value {
  std::optional<std::string> text;
  bool quoted = false;
};

// From the first quote on; what stands between the last and the next semicolon is read over.
Value take_quoted(std::string_view& rest) {
  Value value{.text = std::string{}, .quoted = true};
  bool closed = false;
  std::size_t at = 1;
  for (; at < rest.size() && !closed; ++at) {
    if (rest[at] == '"')
      closed = true;
    else if (rest[at] != '\\')
      *value.text += rest[at];
    else if (++at < rest.size())
      *value.text += rest[at];
  }
  if (!closed) value.text.reset();
  rest.remove_prefix(std::min(rest.find(';', std::min(at, rest.size())), rest.size()));
  return value;
}

// Up to the next semicolon.
Value take_value(std::string_view& rest) {
  while (!rest.empty() && ascii::is_space(rest.front())) rest.remove_prefix(1);
  if (rest.starts_with('"')) return take_quoted(rest);
  const std::size_t end = std::min(rest.find(';'), rest.size());
  Value value{.text = std::string{ascii::trim(rest.substr(0, end))}};
  rest.remove_prefix(end);
  return value;
}

// Calls visit(name, value) for each parameter of ";name=value;…".
template <class Visit>
void each_parameter(std::string_view rest, const Visit& visit) {
  while (!rest.empty()) {
    rest.remove_prefix(1);  // the ';'
    const std::size_t end = std::min(rest.find_first_of(";="), rest.size());
    const std::string_view name = ascii::trim(rest.substr(0, end));
    rest.remove_prefix(end);
    if (rest.empty() || rest.front() == ';') continue;
    rest.remove_prefix(1);  // the '='
    visit(name, take_value(rest));
  }
}

std::string decoded(std::string_view bytes, std::string_view charset) {
  std::string storage;
  return std::string{to_utf8(bytes, charset, storage)};
}

// Browsers agree on nothing else: UTF-8 where it is that, else what Latin-1 means on the web.
std::string plain_name(std::string_view bytes) {
  return utf8::is_valid(bytes) ? std::string{bytes} : decoded(bytes, "windows-1252");
}

std::optional<std::string> unescaped(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      bytes += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? ascii::hex_value(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? ascii::hex_value(text[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return bytes;
}

// RFC 8187, section 3.2: charset'language'value.
std::optional<std::string> extended_name(std::string_view value) {
  const auto charset_end = value.find('\'');
  const auto language_end =
      charset_end == value.npos ? value.npos : value.find('\'', charset_end + 1);
  if (language_end == value.npos) return std::nullopt;
  const std::string_view charset = encoding_name(value.substr(0, charset_end));
  if (charset.empty() || charset == "replacement" || charset.starts_with("UTF-16"))
    return std::nullopt;
  const auto bytes = unescaped(value.substr(language_end + 1));
  if (!bytes || (charset == "UTF-8" && !utf8::is_valid(*bytes))) return std::nullopt;
  return decoded(*bytes, charset);
}

// Device names of Windows, with any extension.
bool is_device(std::string_view name) {
  constexpr auto devices = std::to_array<std::string_view>({"con", "prn", "aux", "nul"});
  const std::string stem = ascii::lowered(ascii::trim(name.substr(0, name.find('.'))));
  if (std::ranges::find(devices, stem) != devices.end()) return true;
  return stem.size() == 4 && (stem.starts_with("com") || stem.starts_with("lpt")) &&
         ascii::is_digit(stem[3]);
}

// Not inside of a character.
std::string_view cut(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xC0) == 0x80) --bytes_max;
  return text.substr(0, bytes_max);
}

std::string shortened(std::string name) {
  if (name.size() <= limits::filename_bytes_max) return name;
  const auto dot = name.rfind('.');
  std::string extension;
  if (dot != name.npos && name.size() - dot <= extension_bytes_max) extension = name.substr(dot);
  return std::string{cut(name, limits::filename_bytes_max - extension.size())} + extension;
}

}  // namespace

ContentDisposition parse_content_disposition(std::string_view value) {
  ContentDisposition found;
  const std::size_t type_end = std::min(value.find(';'), value.size());
  found.type = ascii::lowered(ascii::trim(value.substr(0, type_end)));
  std::optional<Value> plain, extended;
  each_parameter(value.substr(type_end), [&](std::string_view name, Value parameter) {
    if (!plain && ascii::equals(name, "filename"))
      plain = std::move(parameter);
    else if (!extended && ascii::equals(name, "filename*"))
      extended = std::move(parameter);
  });
  if (extended && extended->text && !extended->quoted)
    found.filename = extended_name(*extended->text);
  if (!found.filename && plain && plain->text) found.filename = plain_name(*plain->text);
  return found;
}

std::size_t misleading_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t offset) {
    return at + offset < text.size() ? static_cast<unsigned char>(text[at + offset]) : 0U;
  };
  const unsigned first = byte(0), second = byte(1), third = byte(2);
  if (first < 0x20 || first == 0x7F) return 1;
  if (first == 0xC2 && second < 0xA0) return 2;                    // U+0080 to U+009F
  if (first == 0xD8 && second == 0x9C) return 2;                   // U+061C
  if (first == 0xEF && second == 0xBB && third == 0xBF) return 3;  // U+FEFF
  if (first != 0xE2) return 0;
  if (second == 0x80 && ((third >= 0x8E && third <= 0x8F) || (third >= 0xA8 && third <= 0xAE)))
    return 3;  // U+200E, U+200F, U+2028 to U+202E
  return second == 0x81 && third >= 0xA6 && third <= 0xA9 ? 3 : 0;  // U+2066 to U+2069
}

std::string safe_file_name(std::string_view name) {
  std::string valid;
  utf8::append_repaired(valid, name);
  std::string_view rest = valid;
  rest.remove_prefix(rest.find_last_of("/\\") + 1);  // npos + 1 is 0
  std::string safe;
  for (std::size_t i = 0; i < rest.size();) {
    const std::size_t length = misleading_at(rest, i);
    safe += length > 0 ? '_' : rest[i];
    i += std::max<std::size_t>(length, 1);
  }
  while (!safe.empty() && (safe.back() == ' ' || safe.back() == '.')) safe.pop_back();
  safe.erase(0, std::min(safe.find_first_not_of(' '), safe.size()));
  if (safe.starts_with('.')) safe[0] = '_';
  if (is_device(safe)) safe.insert(0, "_");
  return shortened(std::move(safe));
}

}  // namespace trawl::web
