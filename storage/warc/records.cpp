// Digests are over the block as it stands in the file and over the body as the server coded it, so
// a reader can check both without undoing anything.
#include "storage/warc/records.hpp"

#include "core/web/digest.hpp"
#include "core/web/warc_record.hpp"
#include "storage/files/file_handle.hpp"
#include "storage/warc/http_head.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace trawl::storage {
namespace {

constexpr std::size_t read_step_bytes = 256 * 1024;

struct Digests {
  std::string block;
  std::string payload;
};

Digests digests_of(std::string_view head, std::string_view body) {
  web::Hasher block(web::Hasher::Algorithm::sha1);
  block.update(head);
  block.update(body);
  return {block.base32(), web::sha1_base32(body)};
}

std::string response_header(const PreparedRecords& records, const crawl::Exchange& exchange,
                            const Digests& digests, std::uint64_t block_bytes) {
  web::WarcHeader header{.type = "response",
                         .record_id = records.response_id,
                         .date = exchange.response.started,
                         .target_uri = exchange.url,
                         .content_type = "application/http;msgtype=response",
                         .content_length = block_bytes};
  const http::Response& response = exchange.response;
  if (!response.ip.empty()) header.fields.emplace_back("WARC-IP-Address", response.ip);
  // The block is HTTP/1.1 text whatever was spoken.
  if (response.http_version == "2" || response.http_version == "3")
    header.fields.emplace_back("WARC-Protocol", "http/" + response.http_version);
  header.fields.emplace_back("WARC-Block-Digest", "sha1:" + digests.block);
  header.fields.emplace_back("WARC-Payload-Digest", "sha1:" + digests.payload);
  if (!exchange.truncated.empty()) header.fields.emplace_back("WARC-Truncated", exchange.truncated);
  return web::format_warc_header(header);
}

void append_request_record(PreparedRecords& records, const crawl::Exchange& exchange,
                           const RecordFormat& format) {
  if (exchange.response.request_head.empty()) return;
  const std::string head = archived_request_head(exchange.response.request_head);
  web::WarcHeader header{.type = "request",
                         .record_id = web::new_record_id(),
                         .date = exchange.response.started,
                         .target_uri = exchange.url,
                         .content_type = "application/http;msgtype=request",
                         .content_length = head.size()};
  header.fields.emplace_back("WARC-Concurrent-To", records.response_id);
  if (!exchange.response.ip.empty())
    header.fields.emplace_back("WARC-IP-Address", exchange.response.ip);
  header.fields.emplace_back("WARC-Block-Digest", "sha1:" + web::sha1_base32(head));
  append_record(records.bytes, format, web::format_warc_header(header), head, {});
}

// Calls visit with every piece of the file; the size was taken before, and must hold.
void each_piece(const FileHandle& file, std::uint64_t size, const std::string& name,
                const RecordOutput& visit) {
  std::vector<char> buffer(read_step_bytes);
  for (std::uint64_t offset = 0; offset < size;) {
    const auto step = std::size_t(std::min<std::uint64_t>(buffer.size(), size - offset));
    const std::size_t count = file.read_at(offset, std::span(buffer).first(step));
    if (count != step)
      throw Failure(Errc::io, fmt::format("{} became shorter while it was archived", name));
    visit({buffer.data(), count});
    offset += count;
  }
}

}  // namespace

std::uint64_t PreparedRecords::memory_bytes() const {
  return sizeof(*this) + bytes.capacity() + exchange.response.response_head.capacity() +
         exchange.url.capacity();
}

void append_record(std::string& out, const RecordFormat& format, std::string_view header,
                   std::string_view block_head, std::string_view block_body) {
  append_member(out, format, {header, block_head, block_body, web::warc_record_end});
}

PreparedRecords prepare_records(crawl::Exchange exchange, const RecordFormat& format) {
  PreparedRecords records;
  records.response_id = web::new_record_id();
  if (exchange.body_file.empty()) {
    const std::string head = archived_response_head(exchange.response, exchange.body.size());
    const std::string header = response_header(records, exchange, digests_of(head, exchange.body),
                                               head.size() + exchange.body.size());
    append_record(records.bytes, format, header, head, exchange.body);
    records.response_length = records.bytes.size();
    append_request_record(records, exchange, format);
    records.bytes.shrink_to_fit();
  } else {
    append_request_record(records, exchange, format);
    records.exchange = std::move(exchange);
  }
  return records;
}

void stream_response_record(const PreparedRecords& records, const RecordFormat& format,
                            const RecordOutput& output) {
  const crawl::Exchange& exchange = records.exchange;
  const auto body = FileHandle::open_for_reading(exchange.body_file);
  const std::uint64_t size = body.size();
  const std::string head = archived_response_head(exchange.response, size);

  web::Hasher block(web::Hasher::Algorithm::sha1), payload(web::Hasher::Algorithm::sha1);
  block.update(head);
  each_piece(body, size, exchange.body_file, [&](std::string_view piece) {
    block.update(piece);
    payload.update(piece);
  });
  const std::string header =
      response_header(records, exchange, {block.base32(), payload.base32()}, head.size() + size);

  const auto member = MemberStream::create(
      format, header.size() + head.size() + size + web::warc_record_end.size());
  std::string ready;
  const auto flush = [&](std::size_t at_least) {
    if (ready.size() < at_least) return;
    output(ready);
    ready.clear();
  };
  member->write(header, ready);
  member->write(head, ready);
  each_piece(body, size, exchange.body_file, [&](std::string_view piece) {
    member->write(piece, ready);
    flush(read_step_bytes);
  });
  member->write(web::warc_record_end, ready);
  member->finish(ready);
  flush(1);
}

}  // namespace trawl::storage
