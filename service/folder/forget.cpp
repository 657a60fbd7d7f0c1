// A record belongs to a URL by its target, by standing where the database says that the URL's body
// is (a mirror's), or by having been written together with such a one.
#include "service/folder/forget.hpp"

#include "core/web/digest.hpp"
#include "core/web/url/host.hpp"
#include "core/web/url/url.hpp"
#include "service/offline/names.hpp"
#include "service/records/each_record.hpp"
#include "storage/files/file_handle.hpp"
#include "storage/files/file_name.hpp"
#include "storage/sqlite/forget.hpp"
#include "storage/sqlite/queries.hpp"
#include "storage/sqlite/url_facts.hpp"
#include "storage/warc/file_name.hpp"
#include "storage/warc/reader.hpp"
#include "storage/warc/revisit.hpp"
#include "storage/warc/scan.hpp"

#include <boost/unordered/unordered_flat_set.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace trawl::service {
namespace {

namespace fs = std::filesystem;

using Fingerprints = boost::unordered_flat_set<std::uint64_t>;

constexpr std::size_t named_max = 20;

std::uint64_t place_of(std::string_view file, std::uint64_t offset) {
  return web::fingerprint(fmt::format("{}:{}", file, offset));
}

// Every record of a file up to an offset. visit(record, length).
template <class Visit>
Result<> each_warc_record(const fs::path& file, std::uint64_t end, const Visit& visit,
                          const std::function<void(const Error&)>& on_damage) {
  auto reader = storage::WarcReader::open(file);
  if (!reader) return std::unexpected(reader.error());
  const auto raw = storage::FileHandle::open_for_reading(file);
  std::uint64_t behind = 1;  // where the next one is looked for when what stands here is damaged
  bool searching = false;
  for (;;) {
    std::optional<Error> damage;
    auto record = reader->next();
    if (record && (!*record || (*record)->offset >= end)) return {};
    if (record) {
      behind = (*record)->offset + 1;
      if (const auto ended = reader->finish()) {
        // What a page has in it that looks like a record is none. A member that goes on after its
        // record may be damaged and have run into the next one.
        if (ended->ends_member) behind = (*record)->offset + ended->length;
        visit(**record, ended->length);
        searching = false;
      } else {
        damage = ended.error();
      }
    } else {
      damage = record.error();
    }
    if (!damage) continue;
    if (damage->code != Errc::damaged) return std::unexpected(*damage);
    if (!std::exchange(searching, true)) on_damage(*damage);
    const auto found = storage::find_record(raw, behind);
    if (!found || *found >= end) return {};
    behind = *found + 1;
    reader->seek(*found);
  }
}

void add_range(std::vector<storage::RecordRange>& ranges, storage::RecordRange range) {
  if (!ranges.empty() && ranges.back().offset + ranges.back().length == range.offset)
    ranges.back().length += range.length;
  else
    ranges.push_back(range);
}

class Planner {
 public:
  Planner(const fs::path& folder, storage::Db& db, const ForgetSelection& selection,
          ForgetFigures& figures, const std::function<void(const Error&)>& on_damage)
      : folder_(folder),
        db_(db),
        selection_(selection),
        figures_(figures),
        on_damage_(on_damage),
        unknown_(selection.urls.size(), true) {}

  ForgetPlan plan() && {
    find_rows();
    find_robots();
    std::ranges::sort(plan_.what.files);
    const auto twice = std::ranges::unique(plan_.what.files);
    plan_.what.files.erase(twice.begin(), twice.end());
    std::erase_if(plan_.what.files,
                  [this](const auto& file) { return kept_files_.contains(file); });
    plan_.files = plan_.what.files.size();
    each_file([this](const std::string& name, const storage::WarcRecord& record,
                     std::uint64_t length) { look_at(name, record, length); });
    if (kept_revisits_ && !erased_.empty()) find_lost_bodies();
    if (plan_.records > 0) find_pages_without_body();
    find_others();
    for (std::size_t i = 0; i < unknown_.size(); ++i)
      if (unknown_[i]) plan_.unknown.push_back(i);
    return std::move(plan_);
  }

 private:
  // What is forgotten already may have left files: of a crawl whose list was lost.
  void find_rows() {
    each_record(db_, [&](const crawl::Record& record) {
      if (!selection_.has(record.url)) {
        note_kept_file(record);
        return true;
      }
      know(record.url);
      add_files(record);
      if (record.outcome.error == Errc::forgotten) return true;
      selected_.insert(print_of(record.id));
      plan_.what.urls.push_back(record.id);
      if (plan_.names.size() < named_max) plan_.names.push_back(record.url);
      return true;
    });
  }

  // By its name alone it could be that of a URL that is forgotten.
  void note_kept_file(const crawl::Record& record) {
    const auto& archive = record.outcome.archive;
    if (archive && archive->file.starts_with("files/") &&
        storage::has_other_spelling(archive->file))
      kept_files_.insert(archive->file);
  }

  // A file of files/ outlives the record that named it: the page is gone, or archived by now.
  void add_files(const crawl::Record& record) {
    add_file(storage::file_name_for(record.url));
    add_file(storage::server_file_name_for(record.url));
    add_file(storage::aside_file_name_for(record.url));
    if (const auto part = storage::part_of(db_, record.id)) add_file("tmp/" + *part);
    if (has_offline_)
      for (const auto type : {OfflineType::other, OfflineType::html, OfflineType::xhtml,
                              OfflineType::css, OfflineType::svg})
        add_file(offline_name(record.url, type));
    const auto& archive = record.outcome.archive;
    if (!archive) return;
    if (archive->file.starts_with("files/"))
      add_file(archive->file);
    else
      places_.insert(place_of(archive->file, archive->offset));
  }

  void find_robots() {
    for (std::string& origin : storage::robots_origins(db_))
      if (const std::string url = origin + "/robots.txt"; selection_.has(url)) {
        know(url);
        plan_.what.origins.push_back(std::move(origin));
      }
  }

  template <class Visit>
  void each_file(const Visit& visit) {
    for (const auto& mark : storage::archive_marks(db_)) {
      std::error_code error;
      if (!storage::is_warc_name(mark.file) || !fs::is_regular_file(folder_ / mark.file, error))
        continue;
      ++figures_.files;
      const auto read = each_warc_record(
          folder_ / mark.file, mark.bytes == 0 ? UINT64_MAX : mark.bytes,
          [&](const storage::WarcRecord& record, std::uint64_t length) {
            ++figures_.records;
            visit(mark.file, record, length);
          },
          on_damage_);
      if (!read) on_damage_(read.error());
    }
  }

  // Of another job that was put beside, or of a time that crawl.db, put back from a copy, has yet
  // to come to. What is in them is not this crawl's to change.
  void find_others() {
    boost::unordered_flat_set<std::string> known;
    for (auto& mark : storage::archive_marks(db_)) known.insert(std::move(mark.file));
    std::error_code none;
    for (const auto& entry : fs::directory_iterator{folder_ / "warc", none}) {
      std::string name = "warc/" + entry.path().filename().string();
      const bool may_hold = !entry.is_directory(none) && !fs::is_empty(entry.path(), none);
      if (may_hold && !known.contains(name)) plan_.others.push_back(std::move(name));
    }
    std::ranges::sort(plan_.others);
  }

  void look_at(const std::string& file, const storage::WarcRecord& record, std::uint64_t length) {
    const web::WarcHeader& header = record.header;
    const bool named = !header.target_uri.empty() && selection_.has(header.target_uri);
    const std::string beside = header.field("WARC-Concurrent-To");
    if (!named && !places_.contains(place_of(file, record.offset)) &&
        (beside.empty() || !erased_.contains(web::fingerprint(beside)))) {
      kept_revisits_ = kept_revisits_ || storage::has_payload_elsewhere(header);
      return;
    }
    if (named) know(header.target_uri);
    erased_.insert(web::fingerprint(header.record_id));
    lost_.insert(place_of(file, record.offset));
    add_range(plan_.what.records[file], {record.offset, length});
    ++plan_.records;
    plan_.bytes += length;
  }

  // A revisit may stand in an earlier file than what it refers to: so all are read again.
  void find_lost_bodies() {
    each_file([&](const std::string& file, const storage::WarcRecord& record, std::uint64_t) {
      const web::WarcHeader& header = record.header;
      if (!storage::has_payload_elsewhere(header) ||
          !erased_.contains(web::fingerprint(header.field("WARC-Refers-To"))) ||
          erased_.contains(web::fingerprint(header.record_id)))
        return;
      lost_.insert(place_of(file, record.offset));
      ++plan_.lost;
    });
  }

  // Of those that stay: their body was kept with one that goes, or is what a mirror that goes sent.
  void find_pages_without_body() {
    each_record(db_, [&](const crawl::Record& record) {
      const auto& archive = record.outcome.archive;
      if (archive && lost_.contains(place_of(archive->file, archive->offset)) &&
          !selected_.contains(print_of(record.id)))
        plan_.what.without_body.push_back(record.id);
      return true;
    });
  }

  static std::uint64_t print_of(crawl::UrlId id) {
    return web::fingerprint(fmt::format("{} {}", id.host, id.seq));
  }

  // The database may come from elsewhere; what it names must lie in the folder. A folder of that
  // name is not what was meant.
  void add_file(std::string name) {
    std::error_code error;
    const auto found = fs::symlink_status(folder_ / name, error);
    if (fs::path{name}.lexically_normal() != fs::path{name} || !fs::exists(found) ||
        fs::is_directory(found))
      return;
    plan_.what.files.push_back(std::move(name));
  }

  void know(std::string_view url) {
    plan_.known = true;
    for (std::size_t i = 0; i < unknown_.size(); ++i)
      if (std::ranges::find(selection_.urls[i], url) != selection_.urls[i].end())
        unknown_[i] = false;
  }

  const fs::path& folder_;
  storage::Db& db_;
  const ForgetSelection& selection_;
  ForgetFigures& figures_;
  const std::function<void(const Error&)>& on_damage_;
  std::vector<bool> unknown_;
  boost::unordered_flat_set<std::string> kept_files_;  // that could be taken for another URL's
  const bool has_offline_ = fs::exists(folder_ / "offline");
  Fingerprints selected_;  // ids of URLs
  Fingerprints places_;    // of the bodies of what is forgotten
  Fingerprints erased_;    // ids of records
  Fingerprints lost_;      // places of records that have no body any more
  bool kept_revisits_ = false;
  ForgetPlan plan_;
};

}  // namespace

bool ForgetSelection::has(std::string_view url) const {
  for (const auto& forms : urls)
    if (std::ranges::find(forms, url) != forms.end()) return true;
  for (const auto& pattern : patterns)
    if (pattern.matches(url)) return true;
  if (hosts.empty()) return false;
  const auto parsed = web::Url::parse(url);
  if (!parsed) return false;
  const std::string key = web::host_key(*parsed);
  return std::ranges::any_of(hosts, [&key](const std::string& host) {
    return key == host || (key.starts_with(host) && key.substr(host.size()).starts_with(':') &&
                           !key.substr(host.size() + 1).contains(':'));
  });
}

ForgetPlan plan_forgetting(const fs::path& folder, storage::Db& db,
                           const ForgetSelection& selection, ForgetFigures& figures,
                           const std::function<void(const Error&)>& on_damage) {
  return Planner{folder, db, selection, figures, on_damage}.plan();
}

}  // namespace trawl::service
