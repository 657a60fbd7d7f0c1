#pragma once
// Content-Disposition (RFC 6266 with the extended values of RFC 8187): the name that a server gives
// a body. It is the server's word: data for records, never a path of ours.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::web {

struct ContentDisposition {
  std::string type;  // "attachment", lower-case; empty when there is none
  // UTF-8, as the server has it, whatever that may be: filename* where it is valid, else filename.
  std::optional<std::string> filename;
};

// Lenient, as browsers are: of two parameters of one name the first counts, what is malformed is
// read over. Never fails; linear.
ContentDisposition parse_content_disposition(std::string_view value);

// The characters that a terminal or a reader's eye could be led astray with: controls, marks of
// writing direction, line separators, the byte order mark. `at` is where one begins in valid UTF-8;
// its length in bytes, 0 for any other.
std::size_t misleading_at(std::string_view text, std::size_t at);

// What is fit to be shown and to be a file's name on any system: the last component of the path
// that it may be; control and direction-changing characters, leading dots and the names of devices
// made harmless; at most limits::filename_bytes_max, its extension kept. Empty when nothing is left
// of it.
std::string safe_file_name(std::string_view name);

}  // namespace trawl::web
