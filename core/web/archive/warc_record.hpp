#pragma once
// WARC 1.1 records (ISO 28500:2017) as text: header block formatting and parsing. No I/O here.

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trawl::web {

struct WarcHeader {
  std::string type;       // warcinfo, request, response, revisit, metadata, resource
  std::string record_id;  // "<urn:uuid:…>"
  Wall date{};
  std::string target_uri;  // empty for warcinfo
  std::string content_type;
  std::uint64_t content_length = 0;
  // Further named fields in writing order: WARC-IP-Address, WARC-Block-Digest, WARC-Truncated, …
  std::vector<std::pair<std::string, std::string>> fields;

  std::string field(std::string_view name) const;  // case-insensitive; empty when absent
};

// "<urn:uuid:…>", version 4, from the system's random source.
std::string new_record_id();

// "WARC/1.1\r\n…\r\n\r\n", everything before the block, as it is put together: a crawl writes three
// for each page, and holds none of them. Control bytes in values are dropped.
class WarcHeaderText {
 public:
  // target_uri: empty for warcinfo.
  WarcHeaderText(std::string_view type, std::string_view record_id, Wall date,
                 std::string_view target_uri);
  // Further named fields, in writing order. An empty value is written, too.
  void add(std::string_view name, std::string_view value);
  // Ends the header, and is its text. content_type may be empty.
  std::string finish(std::string_view content_type, std::uint64_t content_length);

 private:
  std::string text_;
};

// The text of a header that is there as a whole.
std::string format_warc_header(const WarcHeader& header);

// Reads one header block from the start of text (WARC/1.0 and 1.1). Returns the header and the
// offset of the block. Errors: Errc::damaged.
struct ParsedWarcHeader {
  WarcHeader header;
  std::string version;  // "1.1"
  std::size_t block_offset = 0;
};
Result<ParsedWarcHeader> parse_warc_header(std::string_view text);

// The end of a record's block: two CRLF.
inline constexpr std::string_view warc_record_end = "\r\n\r\n";

}  // namespace trawl::web
