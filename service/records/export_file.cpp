// Compressed text is a row of members, as gzip and zstd allow: the coder of the archives does it,
// and a piece is compressed while it is in the cache.
#include "service/records/export_file.hpp"

#include "core/base/result.hpp"
#include "service/files/part_file.hpp"
#include "service/records/record_fields.hpp"
#include "storage/files/file_handle.hpp"
#include "storage/sqlite/db.hpp"
#include "storage/warc/member.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace trawl::service {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t piece_bytes = 1024 * 1024;
constexpr std::string_view to_output = "without -o it goes to standard output";
constexpr std::uint64_t rows_per_transaction = 50'000;

// In lower case.
std::string extension(const fs::path& file) {
  std::string text = file.extension().string();
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c | 0x20) : c; });
  return text;
}

bool is_compressed(const fs::path& file) {
  return extension(file) == ".gz" || extension(file) == ".zst";
}

class TextExport final : public ExportFile {
 public:
  TextExport(const fs::path& file, RecordFormat format, TextForm form)
      : part_(file, to_output),
        out_(storage::FileHandle::open_for_writing(part_.path())),
        form_(std::move(form)),
        text_(form_.append ? form_.heading : record_heading(format)) {
    if (!form_.append)
      form_.append = [format](std::string& out, const crawl::Record& record) {
        append_record(out, record, format);
      };
    if (extension(file) == ".gz") coding_ = crawl::WarcCompression::gzip;
    if (extension(file) == ".zst") coding_ = crawl::WarcCompression::zstd;
  }

  void add(const crawl::Record& record) override {
    form_.append(text_, record);
    if (text_.size() >= piece_bytes) write();
  }
  void finish() override {
    if (!text_.empty() || size_ == 0) write();
    out_.sync_all();
    out_.close();
    part_.place();
  }

 private:
  void write() {
    coded_.clear();
    if (coding_ != crawl::WarcCompression::none)
      storage::append_member(coded_, {.compression = coding_}, {text_});
    const std::string& piece = coding_ == crawl::WarcCompression::none ? text_ : coded_;
    out_.write_at(size_, piece);
    size_ += piece.size();
    text_.clear();
  }

  PartFile part_;
  storage::FileHandle out_;
  TextForm form_;
  crawl::WarcCompression coding_ = crawl::WarcCompression::none;
  std::string text_, coded_;
  std::uint64_t size_ = 0;
};

class ColumnNames {
 public:
  void text(std::string_view name, std::string_view) { add(name, "TEXT"); }
  void number(std::string_view name, OptionalInteger) { add(name, "INTEGER"); }
  void boolean(std::string_view name, std::optional<bool>) { add(name, "INTEGER"); }

  std::string columns, places;

 private:
  void add(std::string_view name, std::string_view type) {
    const std::string_view comma = columns.empty() ? "" : ", ";
    columns += fmt::format("{}{} {}", comma, name, type);
    places += fmt::format("{}?", comma);
  }
};

class ColumnValues {
 public:
  explicit ColumnValues(storage::Statement& insert) : insert_(insert) {}
  void text(std::string_view, std::string_view value) {
    insert_.bind(++place_, storage::NullIfEmpty{value});
  }
  void number(std::string_view, OptionalInteger value) { insert_.bind(++place_, value); }
  void boolean(std::string_view, std::optional<bool> value) { insert_.bind(++place_, value); }

 private:
  storage::Statement& insert_;
  int place_ = 0;
};

// Nobody reads it before it is whole, so it needs no journal; it is synced once, at its end.
class SqliteExport final : public ExportFile {
 public:
  explicit SqliteExport(const fs::path& file)
      : part_(file, to_output), db_(storage::Db::open(part_.path(), storage::Access::write)) {
    db_->exec("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF");
    ColumnNames names;
    each_field(crawl::Record{}, names);
    db_->exec(fmt::format("CREATE TABLE results({})", names.columns));
    insert_ = db_->prepare(fmt::format("INSERT INTO results VALUES({})", names.places));
    db_->exec("BEGIN");
  }

  void add(const crawl::Record& record) override {
    each_field(record, ColumnValues{insert_});
    insert_.query().next();
    if (++rows_ % rows_per_transaction == 0) db_->exec("COMMIT; BEGIN");
  }
  void finish() override {
    db_->exec("COMMIT");
    insert_ = {};
    db_.reset();
    storage::FileHandle::open_for_writing(part_.path()).sync_all();
    part_.place();
  }

 private:
  PartFile part_;
  std::optional<storage::Db> db_;  // closed before the file is synced
  storage::Statement insert_;
  std::uint64_t rows_ = 0;
};

}  // namespace

std::optional<ExportFormat> export_format_from_string(std::string_view name) {
  if (name == "jsonl") return ExportFormat::jsonl;
  if (name == "csv") return ExportFormat::csv;
  if (name == "sqlite") return ExportFormat::sqlite;
  return std::nullopt;
}

ExportFormat export_format_of(const fs::path& file) {
  const std::string ending = extension(is_compressed(file) ? file.stem() : file);
  if (ending == ".csv") return ExportFormat::csv;
  if (ending == ".sqlite" || ending == ".sqlite3" || ending == ".db") return ExportFormat::sqlite;
  if (ending.empty() || ending == ".jsonl" || ending == ".ndjson" || ending == ".json")
    return ExportFormat::jsonl;
  throw Failure(Errc::usage,
                fmt::format("{}: nothing is known of {} files; the formats are jsonl, csv and "
                            "sqlite, and --format names one whatever the file is called",
                            file.string(), ending));
}

std::unique_ptr<ExportFile> ExportFile::create(const fs::path& file, ExportFormat format,
                                               TextForm form) {
  switch (format) {
    case ExportFormat::jsonl:
      return std::make_unique<TextExport>(file, RecordFormat::jsonl, std::move(form));
    case ExportFormat::csv:
      return std::make_unique<TextExport>(file, RecordFormat::csv, std::move(form));
    case ExportFormat::sqlite:
      break;
  }
  if (is_compressed(file))
    throw Failure(Errc::usage, fmt::format("{}: a database is not written compressed; leave out {}",
                                           file.string(), file.extension().string()));
  return std::make_unique<SqliteExport>(file);
}

}  // namespace trawl::service
