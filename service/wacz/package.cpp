// The pages and how far the archives go are read in one transaction, so no page is listed whose
// record is not in the file. The archives are copied first and indexed then: what is said of them
// in datapackage.json comes last, with the digests that the copying found.
#include "service/wacz/package.hpp"

#include "core/base/clock.hpp"
#include "core/base/log.hpp"
#include "core/http/message/message.hpp"
#include "core/web/charset/content.hpp"
#include "core/web/digest.hpp"
#include "service/files/line_sorter.hpp"
#include "service/files/part_file.hpp"
#include "service/files/temporary_file.hpp"
#include "service/records/cdxj.hpp"
#include "service/records/each_record.hpp"
#include "service/records/stored_job.hpp"
#include "service/text/json_writer.hpp"
#include "service/wacz/zip_file.hpp"
#include "service/wacz/zip_num.hpp"
#include "storage/files/file_handle.hpp"
#include "storage/open.hpp"
#include "storage/sqlite/queries.hpp"
#include "storage/warc/file_name.hpp"
#include "storage/warc/index.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace trawl::service {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t piece_bytes = 1 << 20;
constexpr std::string_view warc_folder = "warc/";

bool is_page(const crawl::Record& record) {
  const crawl::Outcome& outcome = record.outcome;
  return outcome.status == 200 && outcome.archive &&
         outcome.archive->file.starts_with(warc_folder) && record.method == "GET" &&
         outcome.fetched_at && web::parse_media_type(outcome.content_type).is_html();
}

// An answer that nothing has changed (304): a player that finds it closest to the time it looks for
// shows nothing, and without it the page before. The record is in the archive all the same.
bool is_of_nothing(const storage::CdxEntry& entry) {
  return entry.status == "304";
}

// A list of pages (json-pages-1.0), a line each.
class PageList {
 public:
  PageList(std::string_view id, std::string_view title) {
    JsonWriter json{text_};
    json.begin_object().key("format").text("json-pages-1.0");
    json.key("id").text(id).key("title").text(title).end_object();
    text_ += '\n';
  }

  void add(std::string_view line) {
    text_.append(line).append("\n");
    if (text_.size() < piece_bytes) return;
    spool_.write(text_);
    text_.clear();
  }
  Spool& finish() {
    spool_.write(text_);
    return spool_;
  }

 private:
  Spool spool_;
  std::string text_;
};

class Package {
 public:
  Package(const WaczOptions& options, WaczProgress& progress,
          const std::function<void(const Error&)>& on_damage)
      : options_(options),
        progress_(progress),
        on_damage_(on_damage),
        db_(storage::open_results(options.folder)),
        job_(read_stored_job(db_)) {}

  WaczFigures write() {
    PartFile part{options_.file, "name a file with -o"};
    ZipFile zip{part.path()};
    zip_ = &zip;
    {
      storage::Transaction moment{db_, storage::Access::read};
      find_archives();
      add_pages();
    }
    for (const auto& archive : archives_) add_archive(archive);
    add_index();
    add_description();
    zip.finish();
    part.place();
    return figures_;
  }

 private:
  // Of one that was given up, what there is of it: its whole records stay in use.
  void find_archives() {
    for (auto& mark : storage::archive_marks(db_)) {
      if (!mark.file.starts_with(warc_folder)) continue;
      if (!storage::is_warc_name(mark.file))
        throw Failure(Errc::damaged, fmt::format("crawl.db names a file outside its folder: {}",
                                                 printable(mark.file)));
      std::error_code missing;
      const auto bytes = fs::file_size(options_.folder / mark.file, missing);
      if (mark.bytes == 0 && !missing) mark.bytes = bytes;
      if (mark.bytes == 0) continue;
      if (mark.file.ends_with(".zst"))
        throw Failure(Errc::usage,
                      fmt::format("{} is compressed with zstd, which readers of WACZ don't know; "
                                  "a job with output.warc_compress = \"gzip\" can be packed",
                                  mark.file));
      progress_.bytes_all += 2 * mark.bytes;
      archives_.push_back(mark);
    }
    if (archives_.empty())
      throw Failure(Errc::not_found,
                    fmt::format("{} has no WARC files to pack; a job keeps them with "
                                "output.bodies = \"warc\"",
                                options_.folder.string()));
    figures_.archives = archives_.size();
  }

  void add_text(const std::string& name, std::string_view text) {
    zip_->begin(name, true, text.size());
    zip_->write(text);
    members_.push_back(zip_->end());
  }
  void add_spool(const std::string& name, bool compress, Spool& spool) {
    zip_->begin(name, compress, spool.bytes());
    spool.read([this](std::string_view piece) { zip_->write(piece); });
    members_.push_back(zip_->end());
  }

  // Those that were asked for, and those that links led to.
  void add_pages() {
    PageList seeds{"pages", "Pages"}, others{"extra-pages", "Pages found by links"};
    each_record(db_, [&](const crawl::Record& record) {
      if (is_page(record)) append_page(record.depth == 0 ? seeds : others, record);
      return true;
    });
    add_spool("pages/pages.jsonl", true, seeds.finish());
    add_spool("pages/extraPages.jsonl", true, others.finish());
  }

  void append_page(PageList& pages, const crawl::Record& record) {
    const std::string time = format_seconds(*record.outcome.fetched_at);
    ++figures_.pages;
    if (main_url_.empty() || (record.depth == 0 && !main_is_seed_)) {
      main_url_ = record.url;
      main_time_ = time;
      main_is_seed_ = record.depth == 0;
    }
    std::string line;
    JsonWriter json{line};
    json.begin_object().key("id").text(fmt::format("{}-{}", record.id.host, record.id.seq));
    json.key("url").text(record.url).key("ts").text(time);
    if (!record.outcome.title.empty()) json.key("title").text(record.outcome.title);
    json.end_object();
    pages.add(line);
  }

  // As far as the database knows of it: a job that runs may be writing behind that.
  void add_archive(const crawl::ArchiveMark& archive) {
    const fs::path path = options_.folder / archive.file;
    if (!storage::file_reaches(path, archive.bytes))
      throw Failure(
          Errc::damaged,
          fmt::format("{} is missing, or shorter than the {} bytes of records in it; trawl verify "
                      "{} --requeue has them fetched again, and what is left can be packed then",
                      path.string(), archive.bytes, options_.folder.string()));
    const auto file = storage::FileHandle::open_for_reading(path);
    zip_->begin(member_name(archive), false, archive.bytes);
    std::vector<char> buffer(piece_bytes);
    for (std::uint64_t offset = 0; offset < archive.bytes;) {
      const auto wanted =
          std::size_t(std::min<std::uint64_t>(buffer.size(), archive.bytes - offset));
      const std::size_t count = file.read_at(offset, std::span{buffer}.first(wanted));
      if (count == 0) throw Failure(Errc::io, fmt::format("{} became shorter", path.string()));
      zip_->write({buffer.data(), count});
      offset += count;
      progress_.bytes += count;
    }
    members_.push_back(zip_->end());
  }

  static std::string member_name(const crawl::ArchiveMark& archive) {
    return "archive/" + archive.file.substr(warc_folder.size());
  }

  void add_index() {
    LineSorter sorter;
    for (const auto& archive : archives_) {
      const std::string name = archive.file.substr(warc_folder.size());
      const std::uint64_t before = progress_.bytes;
      const auto indexed = storage::index_warc(
          options_.folder / archive.file,
          [&](const storage::CdxEntry& entry) {
            if (!is_of_nothing(entry)) sorter.add(cdxj_line(entry, name));
            progress_.bytes = before + entry.offset;
            return true;
          },
          [this](const Error& error) {
            figures_.damaged = true;
            on_damage_(error);
          },
          archive.bytes);
      if (!indexed) throw Failure(indexed.error());
      progress_.bytes = before + archive.bytes;
    }
    Spool members;
    ZipNum index{"index.cdx.gz", [&members](std::string_view member) { members.write(member); }};
    sorter.finish([&](std::string_view line) {
      ++figures_.captures;
      index.add(line);
      return true;
    });
    const std::string of_members = index.finish();
    add_spool("indexes/index.cdx.gz", false, members);
    add_text("indexes/index.idx", of_members);
  }

  std::string said(std::string_view given, std::string_view field) const {
    return std::string{given.empty() ? http::find_header(job_.spec.output.warcinfo, field) : given};
  }

  std::string title() const {
    for (const char* field : {"title", "isPartOf"})
      if (auto text = said(options_.title, field); !text.empty()) return text;
    return job_.spec.name;
  }

  std::string data_package() const {
    std::string text;
    JsonWriter json{text};
    json.begin_object().key("profile").text("data-package").key("wacz_version").text("1.1.1");
    const auto field = [&json](std::string_view name, std::string_view value) {
      if (!value.empty()) json.key(name).text(value);
    };
    field("title", title());
    field("description", said(options_.description, "description"));
    field("created", format_seconds(system_clock().wall()));
    field("software", "trawl/" TRAWL_VERSION);
    field("mainPageUrl", main_url_);
    field("mainPageDate", main_time_);
    json.key("resources").begin_array();
    for (const ZipMember& member : members_) {
      json.begin_object().key("name").text(fs::path{member.name}.filename().string());
      json.key("path").text(member.name).key("hash").text("sha256:" + member.sha256);
      json.key("bytes").count(member.bytes).end_object();
    }
    json.end_array().end_object();
    return text + "\n";
  }

  void add_description() {
    const std::string package = data_package();
    std::string digest;
    JsonWriter json{digest};
    json.begin_object().key("path").text("datapackage.json");
    json.key("hash").text("sha256:" + web::sha256_hex(package)).end_object();
    add_text("datapackage.json", package);
    add_text("datapackage-digest.json", digest + "\n");
  }

  const WaczOptions& options_;
  WaczProgress& progress_;
  const std::function<void(const Error&)>& on_damage_;
  storage::Db db_;
  StoredJob job_;
  WaczFigures figures_;
  ZipFile* zip_ = nullptr;  // of write()
  std::vector<crawl::ArchiveMark> archives_;
  std::vector<ZipMember> members_;
  std::string main_url_, main_time_;
  bool main_is_seed_ = false;
};

}  // namespace

WaczFigures write_wacz(const WaczOptions& options, WaczProgress& progress,
                       const std::function<void(const Error&)>& on_damage) {
  return Package{options, progress, on_damage}.write();
}

}  // namespace trawl::service
