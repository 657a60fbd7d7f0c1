// The request's record stands right behind the response's, where the archive wrote both.
#include "service/control/record_heads.hpp"

#include "service/control/bounds.hpp"
#include "service/records/stored_body.hpp"
#include "storage/warc/reader.hpp"

namespace trawl::service::control {
namespace {

std::string response_head(const std::filesystem::path& folder, const crawl::Record& record) {
  std::string head;
  // The head comes in one piece, before the body.
  const auto read = read_stored_body(folder, record, {.head = true}, [&](std::string_view piece) {
    head = piece.substr(0, bounds::head_shown_bytes_max);
    return false;
  });
  return read ? head : std::string{};
}

std::string request_head(const std::filesystem::path& folder, const crawl::Record& record) {
  auto reader = storage::WarcReader::open(folder / record.outcome.archive->file);
  if (!reader) return {};
  reader->seek(record.outcome.archive->offset);
  const auto response = reader->next();
  if (!response || !*response) return {};
  const auto request = reader->next();
  if (!request || !*request || (*request)->header.type != "request") return {};
  if ((*request)->header.target_uri != (*response)->header.target_uri) return {};
  auto head = reader->read_http_head();
  return head ? head->substr(0, bounds::head_shown_bytes_max) : std::string{};
}

}  // namespace

RecordHeads read_heads(const std::filesystem::path& folder, const crawl::Record& record) {
  if (!record.outcome.archive || !record.outcome.archive->file.starts_with("warc/")) return {};
  RecordHeads heads{.response = response_head(folder, record)};
  // Its place is only believed where the reader of bodies believed it.
  if (!heads.response.empty()) heads.request = request_head(folder, record);
  return heads;
}

}  // namespace trawl::service::control
