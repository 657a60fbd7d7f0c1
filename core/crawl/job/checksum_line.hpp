#pragma once
// A line of a file of checksums, as sha256sum and its like write them and download sites publish
// them: SHA256SUMS, MD5SUMS, CHECKSUM. Pure.

#include "core/crawl/job/request_spec.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace trawl::crawl {

struct ChecksumLine {
  std::string checksum;  // "sha256:9f86d0…", as parse_checksum() reads it
  std::string path;      // of the file, as a relative URL
};

// "DIGEST  NAME", "DIGEST *NAME" (GNU; with a backslash in front where the name has escapes) or
// "SHA256 (NAME) = DIGEST" (BSD, --tag). The length of a digest says of which algorithm it is.
// Absent for any other line.
std::optional<ChecksumLine> parse_checksum_line(std::string_view line);

}  // namespace trawl::crawl
