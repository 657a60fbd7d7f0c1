// Digests are over the block as it stands in the file and over the body as the server coded it, so
// a reader can check both without undoing anything. They are SHA-256, which nobody can forge (SHA-1
// has been: shattered.io), and which is known of most bodies already.
#include "storage/warc/records.hpp"

#include "core/web/archive/warc_record.hpp"
#include "core/web/digest.hpp"
#include "storage/files/file_handle.hpp"
#include "storage/warc/http_head.hpp"
#include "storage/warc/labelled_digest.hpp"
#include "storage/warc/outlinks.hpp"
#include "storage/warc/revisit.hpp"
#include "storage/warc/zstd_dictionary.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>
#include <vector>

namespace trawl::storage {
namespace {

constexpr std::size_t read_step_bytes = 256 * 1024;
constexpr std::size_t small_records_bytes = 2048;  // all but the response; seldom more
constexpr std::string_view response_type = "application/http;msgtype=response";
constexpr std::string_view request_type = "application/http;msgtype=request";

// The block of a record is HTTP/1.1 text whatever was spoken, so what was spoken is a field of its
// own (github.com/iipc/warc-specifications/issues/42: names of the ALPN registry, one a field). For
// HTTP/1 in the clear the block says all there is to say.
std::vector<std::string> protocols_of(const crawl::Exchange& exchange) {
  const http::Response& response = exchange.response;
  std::vector<std::string> protocols;
  if (response.http_version == "2")
    protocols.emplace_back(exchange.url.starts_with("https:") ? "h2" : "h2c");
  else if (response.http_version == "3")
    protocols.emplace_back("h3");
  else if (!response.tls_version.empty())
    protocols.push_back("http/" + response.http_version);
  if (!response.tls_version.empty()) protocols.push_back("tls/" + response.tls_version);
  return protocols;
}

web::WarcHeaderText header_of(const Capture& capture, std::string_view type,
                              std::string_view record_id) {
  web::WarcHeaderText header(type, record_id, capture.date, capture.url);
  if (!capture.ip.empty()) header.add("WARC-IP-Address", capture.ip);
  for (const auto& protocol : capture.protocols) header.add("WARC-Protocol", protocol);
  if (!capture.cipher_suite.empty()) header.add("WARC-Cipher-Suite", capture.cipher_suite);
  return header;
}

std::string response_header(const PreparedRecords& records, std::uint64_t body_bytes) {
  const Capture& capture = records.capture;
  web::WarcHeaderText header = header_of(capture, "response", capture.id);
  header.add("WARC-Block-Digest", labelled_sha256(capture.block_sha256));
  header.add("WARC-Payload-Digest", labelled_sha256(records.payload_sha256));
  if (!capture.truncated.empty()) header.add("WARC-Truncated", capture.truncated);
  return header.finish(response_type, capture.head.size() + body_bytes);
}

void append_request_record(PreparedRecords& records, const crawl::Exchange& exchange,
                           const RecordFormat& format) {
  if (exchange.response.request_head.empty()) return;
  const std::string& body = exchange.request_body;
  const std::string head = archived_request_head(exchange.response.request_head);
  web::WarcHeaderText header = header_of(records.capture, "request", web::new_record_id());
  header.add("WARC-Concurrent-To", records.capture.id);
  header.add("WARC-Block-Digest", labelled_sha256(web::sha256_hex(head, body)));
  if (!body.empty()) header.add("WARC-Payload-Digest", labelled_sha256(web::sha256_hex(body)));
  append_record(records.bytes, format, header.finish(request_type, head.size() + body.size()), head,
                body);
}

void append_links_record(PreparedRecords& records, const crawl::Exchange& exchange,
                         const RecordFormat& format) {
  const std::string outlinks = outlink_fields(exchange.links);
  if (outlinks.empty()) return;
  const std::string block =
      fmt::format("fetchTimeMs: {}\r\n{}", exchange.response.phases.total.count(), outlinks);
  web::WarcHeaderText header = header_of(records.capture, "metadata", web::new_record_id());
  header.add("WARC-Concurrent-To", records.capture.id);
  header.add("WARC-Refers-To", records.capture.id);
  header.add("WARC-Block-Digest", labelled_sha256(web::sha256_hex(block)));
  append_record(records.bytes, format, header.finish("application/warc-fields", block.size()),
                block, {});
}

void add_place(web::WarcHeaderText& header, const RecordPlace& place) {
  if (place.file.empty()) return;
  header.add("WARC-Refers-To-Filename", place.file);
  header.add("WARC-Refers-To-File-Offset", std::to_string(place.offset));
}

// Calls visit with every piece of the file, which must still have as many bytes as were received.
void each_piece(const PreparedRecords& records, const RecordOutput& visit) {
  const auto file = FileHandle::open_for_reading(records.body_file.path());
  if (const auto bytes = file.size(); bytes != records.body_file_bytes)
    throw Failure(Errc::io, fmt::format("{} has {} bytes, and {} were received",
                                        records.body_file.path(), bytes, records.body_file_bytes));
  std::vector<char> buffer(read_step_bytes);
  for (std::uint64_t offset = 0; offset < records.body_file_bytes;) {
    const auto step =
        std::size_t(std::min<std::uint64_t>(buffer.size(), records.body_file_bytes - offset));
    const std::size_t count = file.read_at(offset, std::span(buffer).first(step));
    if (count != step)
      throw Failure(Errc::io, fmt::format("{} became shorter while it was archived",
                                          records.body_file.path()));
    visit({buffer.data(), count});
    offset += count;
  }
}

Capture capture_of(crawl::Exchange& exchange, std::uint64_t body_bytes) {
  return {.id = web::new_record_id(),
          .url = exchange.url,
          .date = exchange.response.started,
          .ip = exchange.response.ip,
          .protocols = protocols_of(exchange),
          .cipher_suite = exchange.response.tls_cipher,
          .head = exchange.block_head.empty()
                      ? archived_response_head(exchange.response, body_bytes)
                      : std::move(exchange.block_head),
          .block_sha256 = std::move(exchange.block_sha256),
          .truncated = exchange.truncated,
          .of_no_record = exchange.of_no_record};
}

// Of a body in memory, as far as they are not known.
void digest_body(PreparedRecords& records, const crawl::Exchange& exchange) {
  if (records.payload_sha256.empty()) {
    auto digests = web::sha256_of_block(records.capture.head, exchange.body);
    records.capture.block_sha256 = std::move(digests.block);
    records.payload_sha256 = std::move(digests.body);
  } else if (records.capture.block_sha256.empty()) {
    records.capture.block_sha256 = web::sha256_hex(records.capture.head, exchange.body);
  }
}

void add_response_record(PreparedRecords& records, std::string body) {
  const std::string header = response_header(records, body.size());
  const std::string& head = records.capture.head;
  if (records.format.compression == crawl::WarcCompression::none) {
    records.bytes.reserve(header.size() + head.size() + small_records_bytes);
    records.bytes.append(header).append(head);
    records.body_at = records.bytes.size();
    records.body = std::move(body);
    records.bytes.append(web::warc_record_end);
  } else {
    append_record(records.bytes, records.format, header, head, body);
  }
  records.response_length = records.bytes.size() + records.body.size();
}

}  // namespace

OwnedFile::~OwnedFile() {
  if (!path_.empty()) ::unlink(path_.c_str());  // else the next start empties tmp/
}

std::array<std::string_view, 3> PreparedRecords::pieces() const {
  const std::string_view text = bytes;
  return {text.substr(0, body_at), body, text.substr(body_at)};
}

std::string_view PreparedRecords::following() const {
  return std::string_view(bytes).substr(response_length - body.size());
}

void append_record(std::string& out, const RecordFormat& format, std::string_view header,
                   std::string_view block_head, std::string_view block_body) {
  append_member(out, format, {header, block_head, block_body, web::warc_record_end});
}

PreparedRecords prepare_records(crawl::Exchange exchange, const RecordFormat& format) {
  PreparedRecords records;
  records.format = format;
  records.unchanged = exchange.unchanged;
  records.same_before = exchange.same_before;
  if (records.unchanged) {
    records.capture = capture_of(exchange, 0);
  } else if (exchange.body_file.empty()) {
    records.capture = capture_of(exchange, exchange.body.size());
    records.payload_bytes = exchange.body.size();
    records.payload_sha256 = std::move(exchange.body_sha256);
    digest_body(records, exchange);
    add_response_record(records, std::move(exchange.body));
  } else {
    records.capture = capture_of(exchange, exchange.body_bytes);
    records.body_file = OwnedFile(std::move(exchange.body_file));
    records.body_file_bytes = exchange.body_bytes;
    records.payload_bytes = exchange.body_bytes;
    records.payload_sha256 = std::move(exchange.body_sha256);
  }
  append_request_record(records, exchange, format);
  append_links_record(records, exchange, format);
  if (records.bytes.capacity() > records.bytes.size() + small_records_bytes)
    records.bytes.shrink_to_fit();
  return records;
}

void recode_records(PreparedRecords& records, const RecordFormat& format) {
  if (records.format.dictionary == format.dictionary) return;
  std::string recoded;
  bool is_response = records.response_length > 0;
  for (std::string_view rest = records.bytes; !rest.empty();) {
    const std::string content = take_zstd_frame(rest, records.format.dictionary.get());
    append_member(recoded, format, {content});
    if (std::exchange(is_response, false)) records.response_length = recoded.size();
  }
  records.bytes = std::move(recoded);
  records.format = format;
}

void digest_body_file(PreparedRecords& records) {
  web::Hasher block(web::Hasher::Algorithm::sha256);
  web::Hasher payload(web::Hasher::Algorithm::sha256);
  const bool known = !records.payload_sha256.empty();
  block.update(records.capture.head);
  each_piece(records, [&](std::string_view piece) {
    block.update(piece);
    if (!known) payload.update(piece);
  });
  records.capture.block_sha256 = block.hex();
  if (!known) records.payload_sha256 = payload.hex();
}

void stream_response_record(const PreparedRecords& records, const RecordFormat& format,
                            const RecordOutput& output) {
  const std::string header = response_header(records, records.body_file_bytes);
  const auto member =
      MemberStream::create(format, header.size() + records.capture.head.size() +
                                       records.body_file_bytes + web::warc_record_end.size());
  std::string ready;
  const auto flush = [&](std::size_t at_least) {
    if (ready.size() < at_least) return;
    output(ready);
    ready.clear();
  };
  member->write(header, ready);
  member->write(records.capture.head, ready);
  each_piece(records, [&](std::string_view piece) {
    member->write(piece, ready);
    flush(read_step_bytes);
  });
  member->write(web::warc_record_end, ready);
  member->finish(ready);
  flush(1);
}

std::string not_modified_record(const PreparedRecords& records,
                                const std::optional<RevisitTarget>& original,
                                const RecordFormat& format) {
  const Capture& capture = records.capture;
  web::WarcHeaderText header = header_of(capture, "revisit", capture.id);
  header.add("WARC-Profile", not_modified_profile);
  const RevisitTarget target = original.value_or(RevisitTarget{.target_uri = capture.url});
  const auto add = [&header](std::string_view name, std::string_view value) {
    if (!value.empty()) header.add(name, value);
  };
  add("WARC-Refers-To", target.record_id);
  add("WARC-Refers-To-Target-URI", target.target_uri);
  add("WARC-Refers-To-Date", target.date);
  add_place(header, target.place);
  header.add("WARC-Block-Digest", labelled_sha256(web::sha256_hex(capture.head)));
  add("WARC-Payload-Digest", target.payload_digest);
  std::string out;
  append_record(out, format, header.finish(response_type, capture.head.size()), capture.head, {});
  return out;
}

std::string revisit_record(const PreparedRecords& records, const ArchivedPayload& original,
                           const RecordFormat& format) {
  const Capture& capture = records.capture;
  web::WarcHeaderText header = header_of(capture, "revisit", capture.id);
  header.add("WARC-Profile", identical_payload_profile);
  header.add("WARC-Refers-To", original.record_id);
  header.add("WARC-Refers-To-Target-URI", original.target_uri);
  header.add("WARC-Refers-To-Date", format_seconds(original.date));
  add_place(header, original.place);
  header.add("WARC-Block-Digest", labelled_sha256(web::sha256_hex(capture.head)));
  header.add("WARC-Payload-Digest", labelled_sha256(records.payload_sha256));
  // The profile wants this field wherever it is the payload that was left out.
  header.add("WARC-Truncated", "length");
  std::string out;
  append_record(out, format, header.finish(response_type, capture.head.size()), capture.head, {});
  return out;
}

}  // namespace trawl::storage
