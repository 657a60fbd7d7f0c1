// DIR/forgetting.list has a line for each thing that is to go, and "end" as the last one. It is
// whole under its name or not there, and gone when all is done; each step may be done twice.
#include "storage/forgetting.hpp"

#include "core/base/log.hpp"
#include "core/base/result.hpp"
#include "storage/files/file_handle.hpp"
#include "storage/sqlite/forget.hpp"
#include "storage/sqlite/schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <span>
#include <string_view>

namespace trawl::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t urls_at_once = 10'000;

fs::path list_of(const fs::path& folder) {
  return folder / forgetting_list;
}

void write_list(const fs::path& folder, const Forgetting& what) {
  std::string text;
  const auto add_ids = [&text](std::string_view word, const std::vector<crawl::UrlId>& ids) {
    for (const crawl::UrlId id : ids)
      fmt::format_to(std::back_inserter(text), "{} {} {}\n", word, id.host, id.seq);
  };
  add_ids("url", what.urls);
  add_ids("without_body", what.without_body);
  for (const std::string& origin : what.origins) text += "origin " + origin + "\n";
  for (const std::string& file : what.files) text += "file " + file + "\n";
  for (const auto& [file, ranges] : what.records)
    for (const RecordRange range : ranges)
      fmt::format_to(std::back_inserter(text), "record {} {} {}\n", range.offset, range.length,
                     file);
  text += "end\n";
  const fs::path list = list_of(folder), part = list.string() + ".part";
  remove_file(part);
  auto file = FileHandle::create(part);
  file.write_at(0, text);
  file.sync_all();
  rename_file(part, list);
  sync_directory(folder);
}

// The folder may come from elsewhere: only what a crawl has in it is touched.
bool is_within(const Forgetting& what) {
  const auto is_in = [](std::string_view name, std::initializer_list<std::string_view> folders) {
    const fs::path path{name};
    return std::ranges::any_of(folders,
                               [&](std::string_view one) { return name.starts_with(one); }) &&
           path.lexically_normal() == path;
  };
  return std::ranges::all_of(what.files,
                             [&](const std::string& file) {
                               return is_in(file, {"files/", "offline/", "tmp/"});
                             }) &&
         std::ranges::all_of(what.records,
                             [&](const auto& file) { return is_in(file.first, {"warc/"}); });
}

Forgetting read_list(const fs::path& list) {
  std::ifstream file{list};
  Forgetting what;
  const auto rest = [&file] {
    std::string text;
    file.ignore(1);
    std::getline(file, text);
    return text;
  };
  for (std::string word; file >> word;) {
    crawl::UrlId id;
    RecordRange range;
    if (word == "end" && is_within(what)) return what;
    if (word == "url" && file >> id.host >> id.seq)
      what.urls.push_back(id);
    else if (word == "without_body" && file >> id.host >> id.seq)
      what.without_body.push_back(id);
    else if (word == "origin")
      what.origins.push_back(rest());
    else if (word == "file")
      what.files.push_back(rest());
    else if (word == "record" && file >> range.offset >> range.length)
      what.records[rest()].push_back(range);
    else
      break;
  }
  throw Failure(
      Errc::damaged,
      fmt::format("{} is damaged, or was not written by trawl: what was to be forgotten is "
                  "not known any more; remove the file and run trawl forget again",
                  list.string()));
}

// Both in pieces: a transaction of a million URLs would be in memory as a whole.
template <class Change>
void change_in_pieces(Db& db, std::span<const crawl::UrlId> ids, const Change& change) {
  while (!ids.empty()) {
    const auto piece = ids.first(std::min(ids.size(), urls_at_once));
    Transaction transaction{db, Access::write};
    change(piece);
    transaction.commit();
    ids = ids.subspan(piece.size());
  }
}

// False: a reader keeps the log.
bool change_tables(const OutputFolder& folder, const Forgetting& what) {
  Db db = open_for_writing(folder.database());
  const OutputFolder::LogInUse log_in_use{folder};
  db.exec("PRAGMA secure_delete=ON");  // zeroes over what is gone, also within pages that stay
  change_in_pieces(db, what.urls,
                   [&](std::span<const crawl::UrlId> piece) { forget_urls(db, piece); });
  change_in_pieces(db, what.without_body,
                   [&](std::span<const crawl::UrlId> piece) { lose_bodies(db, piece); });
  Statement robots = db.prepare("DELETE FROM robots WHERE origin=?1");
  for (const std::string& origin : what.origins) robots.run(std::string_view{origin});
  return db.integer("PRAGMA wal_checkpoint(TRUNCATE)") == 0;
}

void erase_in(const fs::path& file, std::span<const RecordRange> ranges) {
  if (!fs::exists(file)) return;
  if (fs::hard_link_count(file) == 1) return erase_records(file, file, ranges);
  // What is in the copy is durable before it has the name.
  const fs::path copy = fmt::format("{}.forgetting", file.string());
  fs::copy_file(file, copy, fs::copy_options::overwrite_existing);
  FileHandle::open_for_writing(copy).sync_all();
  erase_records(copy, file, ranges);
  rename_file(copy, file);
  sync_directory(file.parent_path());
}

bool finish(const OutputFolder& folder, const Forgetting& what) {
  const bool alone = change_tables(folder, what);
  for (const auto& [file, ranges] : what.records) erase_in(folder.path() / file, ranges);
  for (const std::string& file : what.files) remove_file(folder.path() / file);
  remove_file(list_of(folder.path()));
  sync_directory(folder.path());
  return alone;
}

}  // namespace

bool forget(const OutputFolder& folder, const Forgetting& what) {
  // Nothing is begun that can't be brought to its end.
  for (const auto& file : what.records)
    if (fs::exists(folder.path() / file.first))
      FileHandle::open_for_writing(folder.path() / file.first);
  write_list(folder.path(), what);
  return finish(folder, what);
}

void finish_forgetting(const OutputFolder& folder) {
  const fs::path list = list_of(folder.path());
  if (!fs::exists(list)) return;
  log("store")->warn("{}: a trawl forget did not come to its end; it is finished first",
                     folder.path().string());
  try {
    finish(folder, read_list(list));
  } catch (const Failure& failure) {
    throw Failure(failure.code(), fmt::format("{} (of a trawl forget that did not come to its end: "
                                              "{} says what is to go)",
                                              failure.what(), list.string()));
  }
}

}  // namespace trawl::storage
