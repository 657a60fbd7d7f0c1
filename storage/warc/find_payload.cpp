// By digest and not by id: any record with these bytes will do.
#include "storage/warc/find_payload.hpp"

#include "core/web/ascii.hpp"
#include "core/web/digest.hpp"
#include "storage/warc/labelled_digest.hpp"
#include "storage/warc/reader.hpp"
#include "storage/warc/revisit.hpp"

#include <fmt/format.h>

#include <utility>

namespace trawl::storage {
namespace {

namespace fs = std::filesystem;

struct OpenRecord {
  WarcReader reader;
  web::WarcHeader header;
};

std::unexpected<Error> another(const fs::path& file, std::uint64_t offset) {
  return fail(Errc::not_found, fmt::format("{} has another record at {}", file.string(), offset));
}

Result<OpenRecord> open_record(const fs::path& file, std::uint64_t offset,
                               std::string_view sha256) {
  auto reader = WarcReader::open(file);
  if (!reader) return std::unexpected(std::move(reader.error()));
  reader->seek(offset);
  auto record = reader->next();
  if (!record) return std::unexpected(std::move(record.error()));
  if (!*record) return another(file, offset);
  web::WarcHeader& header = (*record)->header;
  if (!web::ascii::equals(header.field("WARC-Payload-Digest"), labelled_sha256(sha256)))
    return another(file, offset);
  return OpenRecord{std::move(*reader), std::move(header)};
}

}  // namespace

Result<ArchivedPayload> find_payload(const fs::path& at, std::uint64_t offset,
                                     std::string_view sha256) {
  fs::path file = at;
  auto record = open_record(file, offset, sha256);
  if (record && has_payload_elsewhere(record->header)) {
    auto place = referred_place(record->header);
    if (!place) return another(file, offset);
    file.replace_filename(place->file);
    offset = place->offset;
    record = open_record(file, offset, sha256);
  }
  if (!record) return std::unexpected(std::move(record.error()));
  auto& [reader, header] = *record;
  if (header.type != "response" || !header.field("WARC-Truncated").empty())
    return another(file, offset);
  if (auto head = reader.read_http_head(); !head) return std::unexpected(std::move(head.error()));
  web::Hasher hasher(web::Hasher::Algorithm::sha256);
  while (true) {
    const auto piece = reader.read();
    if (!piece) return std::unexpected(piece.error());
    if (piece->empty()) break;
    hasher.update(*piece);
  }
  if (auto end = reader.finish(); !end) return std::unexpected(std::move(end.error()));
  if (hasher.hex() != sha256)
    return fail(Errc::damaged, fmt::format("{}: the record at {} has not the digest that it names",
                                           file.string(), offset));
  return ArchivedPayload{.record_id = header.record_id,
                         .target_uri = header.target_uri,
                         .date = header.date,
                         .place = {file.filename().string(), offset}};
}

}  // namespace trawl::storage
