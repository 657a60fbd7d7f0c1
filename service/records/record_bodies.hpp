#pragma once
// RecordBodies: records with their bodies, or what those say, as JSON, a line each, for those who
// make a data set or an index of a crawl.

#include "core/crawl/state/record.hpp"
#include "core/web/html/page_text.hpp"
#include "service/records/record_format.hpp"
#include "service/text/json_writer.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace trawl::service {

// What goes with each record.
struct BodyParts {
  bool bodies = false;
  std::optional<web::TextPart> text;  // of HTML; other texts as they are

  FieldList fields = {};  // of the record; empty: all
  // Of HTML. Shared by copies of this, since what was parsed can't be copied; null: nothing.
  std::shared_ptr<const Selection> selection = {};

  bool any() const { return bodies || text || selection; }
};

// Null for none.
std::shared_ptr<const Selection> selection_of(const std::vector<std::string>& wanted);

// "main", "all"; empty: no text. Throws Failure{usage}.
std::optional<web::TextPart> text_part_of(const std::string& word);

class RecordBodies {
 public:
  RecordBodies(std::filesystem::path folder, BodyParts parts)
      : folder_(std::move(folder)), parts_(std::move(parts)) {}

  // As append_record() in JSON, with more fields. Of body (a text, decoded and as UTF-8),
  // body_base64 (what is no text by its type) and body_error (why what is kept can't be read) at
  // most one is not null. The body is held in memory: of one over 64 MiB body_error says so.
  // Blocks. Throws as read_stored_body(), but for what it says of one body.
  void append(std::string& out, const crawl::Record& record);
  // The same as CSV: of these what is selected, and body_error.
  void append_row(std::string& out, const crawl::Record& record);
  // What stands before all rows. Throws Failure{usage} when two columns would have one name.
  std::string heading() const;
  // The fields alone, into an object that is open.
  void append_fields(JsonWriter& json, const crawl::Record& record);

  std::uint64_t unreadable() const { return unreadable_; }
  // Pages of which what is selected could not be found out.
  std::uint64_t unanswered() const { return unanswered_; }

 private:
  void read(const crawl::Record& record, const std::function<void(const RecordBody&)>& use);

  std::filesystem::path folder_;
  BodyParts parts_;
  std::uint64_t unreadable_ = 0;
  std::uint64_t unanswered_ = 0;
};

}  // namespace trawl::service
