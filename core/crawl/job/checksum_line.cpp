// No URL looks like one of these lines: it would begin with a digest or have spaces in it.
#include "core/crawl/job/checksum_line.hpp"

#include "core/web/ascii.hpp"
#include "core/web/digest.hpp"

#include <algorithm>
#include <array>

namespace trawl::crawl {
namespace {

using Algorithm = web::Hasher::Algorithm;

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return web::ascii::hex_value(c) >= 0; });
}

std::optional<std::string> checksum_of(std::string_view digits) {
  for (const auto algorithm :
       {Algorithm::sha256, Algorithm::sha512, Algorithm::sha1, Algorithm::md5})
    if (digits.size() == 2 * web::digest_bytes(algorithm) && is_hex(digits))
      return std::string{web::to_string(algorithm)} + ":" + web::ascii::lowered(digits);
  return std::nullopt;
}

// A name is any bytes; in a URL some of them mean something, and a first segment with a colon is a
// scheme (RFC 3986, 4.2).
std::string path_of(std::string_view name) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string path = "./";
  while (name.starts_with("./")) name.remove_prefix(2);
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7F && !std::string_view{"%?#\\"}.contains(c))
      path += c;
    else
      (path += '%') += {digits[byte >> 4], digits[byte & 15]};
  }
  return path;
}

// coreutils writes \\, \n and \r in names, and says so by a backslash in front of the line.
std::string unescaped(std::string_view name) {
  std::string plain;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] != '\\' || i + 1 == name.size()) {
      plain += name[i];
      continue;
    }
    const char next = name[++i];
    plain += next == 'n' ? '\n' : next == 'r' ? '\r' : next;
  }
  return plain;
}

std::optional<ChecksumLine> made_of(std::string_view digits, std::string_view name, bool escaped) {
  auto checksum = checksum_of(digits);
  if (!checksum || name.empty() || name.starts_with('/')) return std::nullopt;
  std::string path = path_of(escaped ? unescaped(name) : std::string{name});
  if ((path + "/").contains("/../")) return std::nullopt;  // it leaves the list's folder
  return ChecksumLine{std::move(*checksum), std::move(path)};
}

std::optional<ChecksumLine> parse_tagged(std::string_view line, bool escaped) {
  const auto open = line.find(" (");
  const auto close = line.rfind(") = ");
  if (open == line.npos || close == line.npos || close < open + 2) return std::nullopt;
  auto read = made_of(line.substr(close + 4), line.substr(open + 2, close - open - 2), escaped);
  std::string algorithm = web::ascii::lowered(line.substr(0, open));
  std::erase(algorithm, '-');
  if (!read || !read->checksum.starts_with(algorithm + ":")) return std::nullopt;
  return read;
}

}  // namespace

std::optional<ChecksumLine> parse_checksum_line(std::string_view line) {
  const bool escaped = line.starts_with('\\');
  if (escaped) line.remove_prefix(1);
  const auto space = line.find(' ');
  if (space == line.npos) return std::nullopt;
  const std::string_view mark = line.substr(space, 2);
  if (mark == "  " || mark == " *")
    return made_of(line.substr(0, space), line.substr(space + 2), escaped);
  return parse_tagged(line, escaped);
}

}  // namespace trawl::crawl
