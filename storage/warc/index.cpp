// What other indexers leave out is left out here, so that indexes of several programs can be
// merged.
#include "storage/warc/index.hpp"

#include "core/web/archive/surt.hpp"
#include "core/web/ascii.hpp"
#include "core/web/digest.hpp"
#include "storage/warc/reader.hpp"
#include "storage/warc/scan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace trawl::storage {
namespace {

namespace ascii = web::ascii;

bool is_indexed(const web::WarcHeader& header) {
  if (header.type == "response" || header.type == "revisit") return true;
  return (header.type == "resource" || header.type == "metadata") &&
         !header.content_type.starts_with("application/warc-fields");
}

bool has_http_head(const web::WarcHeader& header) {
  return (header.type == "response" || header.type == "revisit") && header.content_length > 0 &&
         ascii::starts_with(header.target_uri, "http");
}

// "text/html; charset=x" without the parameters. No type that is registered is longer (RFC 6838
// 4.2: 127 characters on either side of the slash), and a server may send a header full of it.
std::string essence(std::string_view type) {
  constexpr std::size_t bytes_max = 127 + 1 + 127;
  return std::string(type.substr(0, std::min(type.find_first_of("; \t\r\n"), bytes_max)));
}

// The three digits that the crawl goes by, too, whatever stands behind them.
std::string http_status(std::string_view head) {
  head = head.substr(0, head.find_first_of("\r\n"));
  const auto space = head.find(' ');
  if (space == head.npos) return {};
  const auto code = ascii::trim(head.substr(space)).substr(0, 3);
  return code.size() == 3 && std::ranges::all_of(code, ascii::is_digit) ? std::string(code)
                                                                        : std::string();
}

std::string http_content_type(std::string_view head) {
  while (!head.empty()) {
    const auto line = head.substr(0, head.find('\n'));
    head.remove_prefix(std::min(head.size(), line.size() + 1));
    const auto colon = line.find(':');
    if (colon != line.npos && ascii::equals(ascii::trim(line.substr(0, colon)), "content-type"))
      return essence(ascii::trim(line.substr(colon + 1)));
  }
  return {};
}

std::string compact_timestamp(Wall date) {
  std::string digits;
  for (const char c : format_seconds(date))
    if (ascii::is_digit(c)) digits += c;
  return digits;
}

// Where the reader is in a file.
struct Place {
  std::uint64_t begun = 0;   // the record that was begun
  std::uint64_t next = 0;    // the one that is being read, or where it is looked for
  std::uint64_t behind = 1;  // where it is looked for when what stands here is damaged

  static Place at(std::uint64_t offset) { return {offset, offset, offset + 1}; }

  // The body of a whole record is no place to look for the next one: it may hold what only looks
  // like a record. A member that goes on after its record may be damaged and have run into the
  // next one.
  void pass(const WarcRecordEnd& end) {
    next += end.length;
    if (end.ends_member) behind = std::max(behind, next);
  }
};

// Reads the record to its end.
Result<CdxEntry> entry_of(WarcReader& reader, const WarcRecord& record, Place& place) {
  const web::WarcHeader& header = record.header;
  CdxEntry entry{.key = web::surt_key(header.target_uri),
                 .timestamp = compact_timestamp(header.date),
                 .url = header.target_uri,
                 .mime = essence(header.content_type),
                 .digest = header.field("WARC-Payload-Digest"),
                 .offset = record.offset};
  if (has_http_head(header)) {
    const auto head = reader.read_http_head();
    if (!head) return std::unexpected(head.error());
    entry.status = http_status(*head);
    entry.mime = http_content_type(*head);
  }
  if (header.type == "revisit") entry.mime = "warc/revisit";
  const bool compute = entry.digest.empty() && header.type != "revisit";
  web::Hasher sha1{web::Hasher::Algorithm::sha1};
  for (;;) {
    const auto piece = reader.read();
    if (!piece) return std::unexpected(piece.error());
    if (piece->empty()) break;
    if (compute) sha1.update(*piece);
  }
  if (compute) entry.digest = sha1.base32();
  entry.digest.erase(0, entry.digest.find(':') + 1);
  const auto end = reader.finish();
  if (!end) return std::unexpected(end.error());
  place.pass(*end);
  if (record.compressed && (!record.starts_member || !end->ends_member))
    return fail(Errc::damaged,
                fmt::format("record at {}: it is not a gzip member or zstd frame of its own, so it "
                            "can't be read by its offset",
                            record.offset));
  // Other indexers count the empty lines behind a record only where they are compressed with it.
  entry.length = end->length - (record.compressed ? 0 : web::warc_record_end.size());
  return entry;
}

enum class Step { next, end, crossed };

Result<Step> index_next(WarcReader& reader, const CdxVisit& visit, std::uint64_t end,
                        Place& place) {
  const auto record = reader.next();
  if (!record) return std::unexpected(record.error());
  if (!*record || (*record)->offset >= end) return Step::end;
  place = Place::at((*record)->offset);
  if (!is_indexed((*record)->header)) {
    const auto skipped = reader.finish();
    if (!skipped) return std::unexpected(skipped.error());
    place.pass(*skipped);
    return place.next > end ? Step::crossed : Step::next;
  }
  const auto entry = entry_of(reader, **record, place);
  if (!entry) return std::unexpected(entry.error());
  if (place.next > end) return Step::crossed;
  return visit(*entry) ? Step::next : Step::end;
}

}  // namespace

Result<> index_warc(const std::filesystem::path& file, const CdxVisit& visit,
                    const DamageVisit& on_damage, std::uint64_t end) {
  auto reader = WarcReader::open(file);
  if (!reader) return std::unexpected(reader.error());
  try {
    const auto raw = FileHandle::open_for_reading(file);
    Place place;
    bool searching = false;
    for (;;) {
      const auto step = index_next(*reader, visit, end, place);
      if (step && *step == Step::end) return {};
      if (step && *step == Step::crossed) {
        on_damage({Errc::damaged,
                   fmt::format("{}: record at {}: it goes on behind the {} bytes that are known of "
                               "the file: this is another one",
                               file.string(), place.begun, end)});
        return {};
      }
      if (step) {
        searching = false;
        continue;
      }
      if (step.error().code != Errc::damaged) return std::unexpected(step.error());
      if (place.next >= end) return {};
      // While searching, places that only look like a record are no damage of their own.
      if (!std::exchange(searching, true)) on_damage(step.error());
      const auto found = find_record(raw, place.behind);
      if (!found || *found >= end) return {};
      place = Place::at(*found);
      reader->seek(*found);
    }
  } catch (const Failure& failure) {
    return std::unexpected(failure.error());
  }
}

}  // namespace trawl::storage
