#pragma once
// Records as text, for `trawl results` and the API. The fields, their names and their order are
// those of the view `results`; what is absent there is null in JSON and empty in CSV.

#include "core/crawl/record.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::service {

enum class RecordFormat : std::uint8_t { jsonl, csv, table };
std::optional<RecordFormat> record_format_from_string(std::string_view name);

// What stands before the first record: nothing (jsonl), the names of the fields (csv, table).
std::string record_heading(RecordFormat format);

// One record, ended by a line feed. Any bytes in a record give valid output: malformed UTF-8
// becomes U+FFFD; in a table what a terminal could obey becomes \xNN.
void append_record(std::string& out, const crawl::Record& record, RecordFormat format);
// As JSON, with `position` behind the fields: where a later query can go on, which a URL that has
// several records doesn't say.
void append_record(std::string& out, const crawl::Record& record, std::string_view position);

// What there is of a body; at most one of them.
struct RecordBody {
  std::string_view text = {};  // UTF-8
  std::string base64 = {};
  std::string error = {};
};
// As JSON, with `body`, `body_base64` and `body_error` behind the fields.
void append_record(std::string& out, const crawl::Record& record, const RecordBody& body);

}  // namespace trawl::service
