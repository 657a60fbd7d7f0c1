// A writer for each format; the fields themselves are listed in record_fields.hpp.
#include "service/records/record_format.hpp"

#include "config/nearest.hpp"
#include "core/base/log.hpp"
#include "core/base/units.hpp"
#include "core/web/digest.hpp"
#include "service/records/record_fields.hpp"
#include "service/text/csv.hpp"
#include "service/text/json_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace trawl::service {
namespace {

constexpr std::size_t table_url_bytes_max = 2048;
constexpr std::string_view body_error_column = "body_error";

class JsonFields {
 public:
  explicit JsonFields(std::string& out) : json_(out) { json_.begin_object(); }
  void text(std::string_view name, std::string_view value) { json_.key(name).text_or_null(value); }
  void number(std::string_view name, OptionalInteger value) {
    json_.key(name);
    value ? json_.integer(*value) : json_.null();
  }
  void boolean(std::string_view name, std::optional<bool> value) {
    json_.key(name);
    value ? json_.boolean(*value) : json_.null();
  }
  void end() { json_.end_object(); }
  JsonWriter& json() { return json_; }

 private:
  JsonWriter json_;
};

class CsvFields {
 public:
  explicit CsvFields(std::string& out) : out_(out) {}
  void text(std::string_view, std::string_view value) {
    separate();
    append_csv_field(out_, value);
  }
  void number(std::string_view, OptionalInteger value) {
    separate();
    if (value) fmt::format_to(std::back_inserter(out_), "{}", *value);
  }
  void boolean(std::string_view, std::optional<bool> value) {
    separate();
    if (value) out_ += *value ? "true" : "false";
  }

 private:
  void separate() {
    if (!first_) out_ += ',';
    first_ = false;
  }

  std::string& out_;
  bool first_ = true;
};

class FieldNames {
 public:
  void text(std::string_view name, std::string_view) { add(name); }
  void number(std::string_view name, OptionalInteger) { add(name); }
  void boolean(std::string_view name, std::optional<bool>) { add(name); }

  std::vector<std::string> names;

 private:
  void add(std::string_view name) { names.emplace_back(name); }
};

FieldList all_fields() {
  FieldNames fields;
  each_field({}, fields);
  return std::move(fields.names);
}

// Lets one field through.
template <class Writer>
struct OneField {
  void text(std::string_view field, std::string_view value) {
    if (field == name) writer.text(field, value);
  }
  void number(std::string_view field, OptionalInteger value) {
    if (field == name) writer.number(field, value);
  }
  void boolean(std::string_view field, std::optional<bool> value) {
    if (field == name) writer.boolean(field, value);
  }
  std::string_view name;
  Writer& writer;
};

template <class Writer>
void write_fields(const crawl::Record& record, Writer& writer, const FieldList& fields) {
  if (fields.empty()) return each_field(record, writer);
  for (const std::string& name : fields) each_field(record, OneField<Writer>{name, writer});
}

void append_page(JsonWriter& json, const web::PageText& page) {
  json.key("text").text_or_null(page.text).key("text_digest");
  page.text.empty() ? json.null() : json.text("sha256:" + web::sha256_hex(page.text));
  json.key("description").text_or_null(page.description);
  json.key("language").text_or_null(page.language);
  json.key("canonical").text_or_null(page.canonical).key("headings").begin_array();
  for (const web::Heading& heading : page.headings) {
    json.begin_object().key("level").integer(heading.level);
    json.key("id").text_or_null(heading.id).key("text").text(heading.text).end_object();
  }
  json.end_array();
}

// Null where there was no page to ask.
void append_selected(JsonWriter& json, const RecordBody& body) {
  json.key("selected");
  if (body.selected.empty()) {
    json.null();
    return;
  }
  json.begin_object();
  for (std::size_t i = 0; i < body.selected.size(); ++i) {
    json.key(body.selection->names()[i]).begin_array();
    for (const std::string& value : body.selected[i]) json.text(value);
    json.end_array();
  }
  json.end_object();
}

constexpr std::string_view table_row = "{:<8} {:>6} {:>9} {:>10} {:>5}  {:<18} {}\n";

void append_table_row(std::string& out, const crawl::Record& record) {
  const crawl::Outcome& o = record.outcome;
  const bool exchanged = storage::has_exchange(o);
  std::string note = o.error ? std::string{to_string(*o.error)} : printable(o.content_type, 64);
  if (note.empty()) note = "-";
  fmt::format_to(std::back_inserter(out), table_row, crawl::to_string(o.state),
                 o.status ? fmt::to_string(*o.status) : "-",
                 exchanged ? human_bytes(o.bytes_body) : "-",
                 o.total_ms ? human_duration(Millis{*o.total_ms}) : "-", record.depth, note,
                 printable(record.url, table_url_bytes_max));
}

}  // namespace

std::optional<RecordFormat> record_format_from_string(std::string_view name) {
  if (name == "jsonl") return RecordFormat::jsonl;
  if (name == "csv") return RecordFormat::csv;
  if (name == "table") return RecordFormat::table;
  return std::nullopt;
}

Result<FieldList> field_list(const std::vector<std::string>& names) {
  const FieldList all = all_fields();
  const std::vector<std::string_view> known{all.begin(), all.end()};
  FieldList fields;
  for (const std::string& name : names) {
    if (std::ranges::find(known, name) == known.end()) {
      const auto nearest = config::nearest_key(name, known);
      return fail(Errc::usage,
                  fmt::format("a record has no field \"{}\"{}; they are {}", printable(name, 64),
                              nearest.empty() ? "" : fmt::format(" (did you mean {}?)", nearest),
                              fmt::join(known, ", ")));
    }
    if (std::ranges::find(fields, name) == fields.end()) fields.push_back(name);
  }
  return fields;
}

std::string record_heading(RecordFormat format, const FieldList& fields) {
  switch (format) {
    case RecordFormat::jsonl:
      break;
    case RecordFormat::csv:
      return fmt::format("{}\n", fmt::join(fields.empty() ? all_fields() : fields, ","));
    case RecordFormat::table:
      return fmt::format(table_row, "STATE", "STATUS", "BODY", "TIME", "DEPTH", "TYPE OR ERROR",
                         "URL");
  }
  return {};
}

void append_record(std::string& out, const crawl::Record& record, std::string_view position) {
  JsonFields fields{out};
  each_field(record, fields);
  fields.text("position", position);
  fields.end();
  out += '\n';
}

void append_body(JsonWriter& json, const RecordBody& body) {
  if (body.wants_body) {
    json.key("body").text_or_null(body.text);
    json.key("body_base64").text_or_null(body.base64);
  }
  if (body.wants_page) append_page(json, body.page);
  if (body.selection != nullptr) append_selected(json, body);
  json.key("body_error").text_or_null(body.error);
}

Result<std::string> row_heading(const Selection& selection, const FieldList& fields) {
  FieldList columns = fields.empty() ? all_fields() : fields;
  const FieldList of_record = columns;
  for (const std::string& name : selection.names()) {
    if (std::ranges::find(of_record, name) != of_record.end() || name == body_error_column)
      return fail(
          Errc::usage,
          fmt::format(
              "--select {}: in CSV there is a column of this name already, {}; take "
              "another name, or --format jsonl, where what is selected is an object "
              "of its own",
              name,
              name == body_error_column ? "of why a page can't be read" : "a field of the record"));
    columns.push_back(name);
  }
  columns.emplace_back(body_error_column);
  return fmt::format("{}\n", fmt::join(columns, ","));
}

void append_row(std::string& out, const crawl::Record& record, const RecordBody& body,
                const FieldList& fields) {
  CsvFields writer{out};
  write_fields(record, writer, fields);
  for (std::size_t i = 0; i < body.selection->names().size(); ++i)
    writer.text({}, body.selected.empty() ? std::string{}
                                          : fmt::format("{}", fmt::join(body.selected[i], "\n")));
  writer.text(body_error_column, body.error);
  out += '\n';
}

void append_record(std::string& out, const crawl::Record& record,
                   const std::function<void(JsonWriter&)>& append_more, const FieldList& fields) {
  JsonFields writer{out};
  write_fields(record, writer, fields);
  append_more(writer.json());
  writer.end();
  out += '\n';
}

void append_record(std::string& out, const crawl::Record& record, RecordFormat format,
                   const FieldList& fields) {
  switch (format) {
    case RecordFormat::jsonl: {
      JsonFields writer{out};
      write_fields(record, writer, fields);
      writer.end();
      out += '\n';
      return;
    }
    case RecordFormat::csv: {
      CsvFields writer{out};
      write_fields(record, writer, fields);
      out += '\n';
      return;
    }
    case RecordFormat::table:
      append_table_row(out, record);
  }
}

}  // namespace trawl::service
