// Tables of their own, so that the rows of plain URLs, nearly all there are, stay as small as they
// were.
#include "storage/sqlite/request_table.hpp"

namespace trawl::storage {
namespace {

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text.append(line).append("\n");
  return text;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> lines;
  for (auto end = text.find('\n'); end != text.npos; end = text.find('\n')) {
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

// SHA-256 without its name, as it has always been.
std::string stored(const crawl::Checksum& checksum) {
  return checksum.algorithm == web::Hasher::Algorithm::sha256 ? checksum.hex : to_string(checksum);
}

crawl::Checksum checksum_of(std::string_view text) {
  if (text.empty() || !text.contains(':')) return {.hex = std::string{text}};
  return crawl::parse_checksum(text).value_or(crawl::Checksum{.hex = std::string{text}});
}

}  // namespace

RequestTable::RequestTable(Db& db)
    : any_(db.integer("SELECT EXISTS(SELECT 1 FROM request)") != 0),
      insert_(
          db.prepare("INSERT INTO request(host_id, seq, method, headers, body, sha256, mirrors, "
                     "identity) VALUES(?1,?2,?3,?4,?5,?6,?7,?8)")),
      write_sent_(db.prepare("UPDATE request SET sent=?3 WHERE host_id=?1 AND seq=?2")),
      write_served_by_(db.prepare("UPDATE request SET served_by=?3 WHERE host_id=?1 AND seq=?2")),
      select_(db.prepare("SELECT method, headers, body, sha256, mirrors, sent FROM request WHERE "
                         "host_id=?1 AND seq=?2")) {}

void RequestTable::insert(crawl::UrlId id, const crawl::RequestSpec& request) {
  const std::string headers = crawl::to_lines(request.headers), mirrors = joined(request.mirrors);
  const std::string checksum = stored(request.checksum);
  insert_.run(id.host, id.seq, std::string_view{request.method}, NullIfEmpty{headers},
              Blob{request.body}, NullIfEmpty{checksum}, NullIfEmpty{mirrors},
              static_cast<std::int64_t>(crawl::identity_of(request)));
  any_ = true;
}

void RequestTable::write_sent(crawl::UrlId id, bool sent) {
  write_sent_.run(id.host, id.seq, sent);
}

void RequestTable::write_served_by(crawl::UrlId id, std::string_view url) {
  write_served_by_.run(id.host, id.seq, url);
}

crawl::SharedRequest RequestTable::find(crawl::UrlId id) {
  Rows rows = select_.query(id.host, id.seq);
  if (!rows.next()) return nullptr;
  return crawl::share({.method = std::string{rows.text(0)},
                       .headers = crawl::headers_from_lines(rows.text(1)),
                       .body = std::string{rows.blob(2)},
                       .checksum = checksum_of(rows.text(3)),
                       .mirrors = split(rows.text(4)),
                       .sent = rows.integer(5) != 0});
}

PartTable::PartTable(Db& db)
    : upsert_(db.prepare("INSERT OR REPLACE INTO part(host_id, seq, url, file, bytes, total, "
                         "validator, headers) VALUES(?1,?2,?3,?4,?5,?6,?7,?8)")),
      erase_(db.prepare("DELETE FROM part WHERE host_id=?1 AND seq=?2")),
      select_(
          db.prepare("SELECT host_id, seq, url, file, bytes, total, validator, headers FROM part "
                     "ORDER BY host_id, seq")) {}

void PartTable::write(const crawl::PartUpdate& update) {
  if (!update.part) {
    erase_.run(update.id.host, update.id.seq);
    return;
  }
  const crawl::KeptPart& part = *update.part;
  const std::string headers = crawl::to_lines(part.headers);
  upsert_.run(update.id.host, update.id.seq, std::string_view{part.url},
              std::string_view{part.file}, part.bytes, part.total, std::string_view{part.validator},
              std::string_view{headers});
}

std::vector<crawl::PartUpdate> PartTable::all() {
  std::vector<crawl::PartUpdate> parts;
  Rows rows = select_.query();
  while (rows.next()) {
    const auto total = rows.optional_integer(5);
    parts.push_back(
        {.id = {rows.integer(0), rows.integer(1)},
         .part = crawl::KeptPart{
             .url = std::string{rows.text(2)},
             .file = std::string{rows.text(3)},
             .bytes = static_cast<std::uint64_t>(rows.integer(4)),
             .total = total ? std::optional{static_cast<std::uint64_t>(*total)} : std::nullopt,
             .validator = std::string{rows.text(6)},
             .headers = crawl::headers_from_lines(rows.text(7))}});
  }
  return parts;
}

}  // namespace trawl::storage
