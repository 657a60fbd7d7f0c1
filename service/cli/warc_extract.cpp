// What an index says of a capture, file and offset, is enough to get it back.
#include "service/cli/warc_extract.hpp"

#include "core/base/log.hpp"
#include "core/base/result.hpp"
#include "core/web/ascii.hpp"
#include "service/records/stored_body.hpp"
#include "storage/warc/revisit.hpp"
#include "storage/warc/scan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

namespace trawl::service::cli {
namespace {

constexpr std::size_t copy_step_bytes = 256 * 1024;

template <class Value>
Value need(Result<Value> result) {
  if (!result) throw Failure(result.error());
  return std::move(*result);
}

bool is_capture(const web::WarcHeader& header) {
  return header.type == "response" || header.type == "revisit" || header.type == "resource";
}

storage::WarcRecord find_record(storage::WarcReader& reader, const WarcExtractOptions& options) {
  if (options.offset) {
    if (*options.offset >= reader.file_bytes())
      throw Failure(Errc::not_found,
                    fmt::format("{} has {} bytes, and no record at {}", options.file,
                                reader.file_bytes(), *options.offset));
    reader.seek(*options.offset);
    auto record = need(reader.next());
    if (!record)
      throw Failure(Errc::not_found,
                    fmt::format("{} has no record at or behind {}", options.file, *options.offset));
    return std::move(*record);
  }
  // Whatever is damaged before it.
  const auto raw = storage::FileHandle::open_for_reading(options.file);
  for (std::uint64_t at = 0;;) {
    auto next = reader.next();
    if (!next && next.error().code == Errc::damaged) {
      const auto found = storage::find_record(raw, at + 1);
      if (found) reader.seek(at = *found);
      if (found) continue;
    }
    auto record = need(std::move(next));
    if (!record)
      throw Failure(Errc::not_found,
                    fmt::format("{} has no capture of {}", options.file, printable(options.url)));
    at = record->offset;
    if (is_capture(record->header) && record->header.target_uri == options.url)
      return std::move(*record);
  }
}

bool has_http_head(const web::WarcHeader& header) {
  return header.content_length > 0 &&
         web::ascii::starts_with(header.content_type, "application/http");
}

void copy_block(storage::WarcReader& reader, Output& out) {
  for (;;) {
    const auto piece = need(reader.read());
    if (piece.empty() || !out.write(piece)) break;
  }
  need(reader.finish());
}

// The record's bytes as they stand in the file.
void copy_member(storage::WarcReader& reader, const storage::WarcRecord& record,
                 const std::string& path, Output& out) {
  std::uint64_t left = need(reader.finish()).length, at = record.offset;
  const auto file = storage::FileHandle::open_for_reading(path);
  std::vector<char> buffer(copy_step_bytes);
  while (left > 0) {
    const auto step = std::size_t(std::min<std::uint64_t>(buffer.size(), left));
    const std::size_t count = file.read_at(at, std::span(buffer).first(step));
    if (count == 0 || !out.write({buffer.data(), count})) return;
    at += count;
    left -= count;
  }
}

void write_body(storage::WarcReader& reader, const storage::WarcRecord& record,
                const WarcExtractOptions& options, Output& out) {
  const web::WarcHeader& header = record.header;
  PayloadForm form{.raw = options.raw, .cut = !header.field("WARC-Truncated").empty()};
  if (has_http_head(header)) form.head = need(reader.read_http_head());
  form.framing_head = form.head;
  const BodyOutput output = [&out](std::string_view bytes) { return out.write(bytes); };
  if (!storage::has_payload_elsewhere(header)) {
    if (const auto written = write_payload(reader, form, output); !written)
      throw Failure(written.error());
    return;
  }
  const auto folder = std::filesystem::absolute(options.file).parent_path();
  auto original = need(storage::find_original(folder, header));
  form.framing_head = original.head;
  if (form.head.empty()) form.head = original.head;
  form.digest = header.field("WARC-Payload-Digest");
  form.cut = false;
  if (const auto written = write_payload(original.reader, form, output); !written)
    throw Failure(written.error());
}

}  // namespace

ExitCode run_warc_extract(const WarcExtractOptions& options, Output& out) {
  if (options.offset.has_value() == !options.url.empty())
    throw Failure(Errc::usage,
                  "which record? Give its offset or --url URL (trawl warc index "
                  "lists both)");
  auto reader = need(storage::WarcReader::open(options.file));
  const auto record = find_record(reader, options);
  if (options.payload) {
    write_body(reader, record, options, out);
  } else if (options.raw) {
    copy_member(reader, record, options.file, out);
  } else {
    out.write(record.header_text);
    if (!options.headers)
      copy_block(reader, out);
    else if (has_http_head(record.header))
      out.write(need(reader.read_http_head()));
  }
  out.flush();
  return ExitCode::ok;
}

}  // namespace trawl::service::cli
