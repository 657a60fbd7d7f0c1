#pragma once
// Records as text, for `trawl results` and the API. The fields, their names and their order are
// those of the view `results`; what is absent there is null in JSON and empty in CSV.

#include "core/base/result.hpp"
#include "core/crawl/state/record.hpp"
#include "core/web/html/page_text.hpp"
#include "service/records/selection.hpp"
#include "service/text/json_writer.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::service {

enum class RecordFormat : std::uint8_t { jsonl, csv, table };
std::optional<RecordFormat> record_format_from_string(std::string_view name);

// Names of fields in the order in which they are wanted; empty: all, in their own.
using FieldList = std::vector<std::string>;
// Each once. Errors: Errc::usage, for a name that is none.
Result<FieldList> field_list(const std::vector<std::string>& names);

// What stands before the first record: nothing (jsonl), the names of the fields (csv, table, which
// has columns of its own).
std::string record_heading(RecordFormat format, const FieldList& fields = {});

// One record, ended by a line feed. Any bytes in a record give valid output: malformed UTF-8
// becomes U+FFFD; in a table what a terminal could obey becomes \xNN.
void append_record(std::string& out, const crawl::Record& record, RecordFormat format,
                   const FieldList& fields = {});
// As JSON, with `position` behind the fields: where a later query can go on, which a URL that has
// several records doesn't say.
void append_record(std::string& out, const crawl::Record& record, std::string_view position);

// What there is of a body, and what of it is wanted.
struct RecordBody {
  bool wants_body = true;
  bool wants_page = false;
  std::string_view text = {};  // UTF-8; of these three at most one
  std::string base64 = {};
  std::string error = {};
  web::PageText page = {};
  const Selection* selection = nullptr;          // what is wanted of the page; outlives this
  std::vector<Selection::Values> selected = {};  // empty: of no page
};
// Into an object that is open: `body` and `body_base64` (wants_body), `text`, `text_digest`,
// `description`, `language`, `canonical` and `headings` (wants_page), `selected` (selection), and
// `body_error`.
void append_body(JsonWriter& json, const RecordBody& body);
// The names of the fields, of what is selected, and body_error. Errors: Errc::usage, when two
// columns would have one name.
Result<std::string> row_heading(const Selection& selection, const FieldList& fields);
// As CSV, with a field for each of these; values of what is selected are on lines of their own.
void append_row(std::string& out, const crawl::Record& record, const RecordBody& body,
                const FieldList& fields);
// As JSON, with fields of the caller's behind the record's.
void append_record(std::string& out, const crawl::Record& record,
                   const std::function<void(JsonWriter&)>& append_more,
                   const FieldList& fields = {});

}  // namespace trawl::service
