// What the crawl did with an answer is done again here: the same head parser, the same decoder and
// the same bound, so that the bytes have the digest that the record names.
#include "service/records/stored_body.hpp"

#include "core/base/log.hpp"
#include "core/http/message/response_head.hpp"
#include "core/web/coding/decode.hpp"
#include "core/web/digest.hpp"
#include "service/records/record_lookup.hpp"
#include "storage/files/file_handle.hpp"
#include "storage/files/stored_name.hpp"
#include "storage/open.hpp"
#include "storage/warc/labelled_digest.hpp"
#include "storage/warc/payload.hpp"
#include "storage/warc/revisit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace trawl::service {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t read_step_bytes = 256 * 1024;

Result<std::string> content_coding(std::string_view head, bool all) {
  const auto answer = parse_stored_head(head);
  if (!answer) return std::unexpected(answer.error());
  return all ? http::named_coding(answer->headers) : http::content_coding(answer->headers);
}

// Whether an end before the coding's end was to be expected of this record.
bool was_cut(const crawl::Outcome& outcome) {
  return outcome.truncated || outcome.error.has_value();
}

class BodyWriter {
 public:
  BodyWriter(std::unique_ptr<web::Decoder> decoder, bool cut, const BodyOutput& output)
      : decoder_(std::move(decoder)),
        cut_(cut),
        output_([this, &output](std::string_view bytes) { return wanted_ = output(bytes); }) {}
  BodyWriter(const BodyWriter&) = delete;
  BodyWriter& operator=(const BodyWriter&) = delete;

  // False: nothing more is wanted, or can be had.
  Result<bool> add(std::string_view piece) {
    if (auto fed = decoder_->feed(piece, output_); !fed) return expected(fed.error());
    return wanted_;
  }
  Result<bool> finish() {
    if (auto finished = decoder_->finish(output_); !finished) return expected(finished.error());
    return true;
  }

 private:
  // Where the crawl itself met the end, it is no error.
  Result<bool> expected(const Error& error) const {
    if (cut_ || !wanted_) return false;
    return fail(Errc::decode,
                fmt::format("{}; --raw gives the body as it was received", error.detail));
  }

  std::unique_ptr<web::Decoder> decoder_;
  bool cut_;
  bool wanted_ = true;
  web::DecodeOutput output_;
};

// Behind the head of the record whose body the revisit leaves out: where it says itself, or else
// where the database has its URL, unless that was fetched again since.
Result<storage::OriginalRecord> original_of(const fs::path& folder, const web::WarcHeader& revisit,
                                            const BodyForm& form) {
  if (form.originals != nullptr) {
    const auto place = (*form.originals)(revisit.field("WARC-Refers-To"));
    if (place) return storage::open_original(folder / place->file, place->offset, revisit);
    return fail(Errc::not_found, fmt::format("the record {} that has its body is not there",
                                             printable(revisit.field("WARC-Refers-To"))));
  }
  if (const auto place = storage::referred_place(revisit))
    if (auto reader = storage::open_original(folder / "warc" / place->file, place->offset, revisit))
      return reader;
  auto db = storage::open_results(folder);
  const auto record = look_up(db, revisit.field("WARC-Refers-To-Target-URI"));
  if (record && *record && (*record)->outcome.archive) {
    const auto& position = *(*record)->outcome.archive;
    if (storage::lies_inside(position.file))
      if (auto reader = storage::open_original(folder / position.file, position.offset, revisit))
        return reader;
  }
  return storage::find_original(folder / "warc", revisit, form.stop);
}

Result<> read_from_warc(const fs::path& folder, const crawl::Record& record, BodyForm form,
                        const BodyOutput& output) {
  const crawl::Outcome& outcome = record.outcome;
  const fs::path file = folder / outcome.archive->file;
  auto reader = storage::WarcReader::open(file);
  if (!reader) return std::unexpected(reader.error());
  reader->seek(outcome.archive->offset);
  const auto found = reader->next();
  if (!found) return std::unexpected(found.error());
  const bool is_revisit = *found && storage::has_payload_elsewhere((*found)->header);
  if (!*found || ((*found)->header.type != "response" && !is_revisit) ||
      ((*found)->header.target_uri != record.url &&
       (*found)->header.target_uri != outcome.served_by))
    return fail(Errc::damaged, fmt::format("{} has no response of {} at {}", file.string(),
                                           printable(record.url), outcome.archive->offset));
  const auto head = reader->read_http_head();
  if (!head) return std::unexpected(head.error());
  if (form.head && !output(*head)) return {};
  PayloadForm payload{.raw = form.raw, .cut = was_cut(outcome)};
  if (outcome.truncated && !form.raw) payload.decoded_bytes_max = outcome.bytes_body;
  payload.head = *head;
  payload.framing_head = *head;
  // A .gz file that an earlier trawl took for a coded body: its digest is that of what was in it.
  const std::string as_kept = (*found)->header.field("WARC-Payload-Digest");
  payload.all_codings = !outcome.digest.empty() && as_kept != outcome.digest;
  if (is_revisit) {
    auto original = original_of(folder, (*found)->header, form);
    if (!original) return std::unexpected(original.error());
    reader = std::move(original->reader);
    payload.framing_head = std::move(original->head);
    // What an answer says that has no body is not of that body.
    if (storage::is_not_modified((*found)->header)) payload.head = payload.framing_head;
    payload.digest = (*found)->header.field("WARC-Payload-Digest");
  }
  return write_payload(*reader, payload, output);
}

Result<> read_from_file(const fs::path& path, BodyForm form, const BodyOutput& output) {
  if (form.head)
    return fail(Errc::usage, "HTTP heads are not kept with bodies = \"files\"; only \"warc\" does");
  if (form.raw)
    return fail(Errc::usage,
                "bodies = \"files\" keeps bodies decoded; only \"warc\" has them as received");
  const auto file = storage::FileHandle::open_for_reading(path);
  std::vector<char> buffer(read_step_bytes);
  for (std::uint64_t offset = 0;;) {
    const std::size_t count = file.read_at(offset, buffer);
    if (count == 0 || !output({buffer.data(), count})) return {};
    offset += count;
  }
}

}  // namespace

bool has_stored_page(const crawl::Outcome& outcome) {
  using crawl::UrlState;
  const bool holds = outcome.state == UrlState::fetched ||
                     (outcome.state == UrlState::queued && !outcome.error) ||
                     outcome.revisit == crawl::Revisit::kept;
  return holds && outcome.archive;
}

Result<http::Response> parse_stored_head(std::string_view head) {
  http::ResponseHead parsed;
  while (!head.empty()) {
    const std::size_t end = std::min(head.find('\n'), head.size() - 1) + 1;
    if (!parsed.add_line(head.substr(0, end))) break;
    head.remove_prefix(end);
  }
  http::Response response;
  if (!parsed.complete()) return fail(Errc::damaged, "the archived HTTP head is no HTTP head");
  if (auto taken = parsed.take(response); !taken) return fail(Errc::damaged, taken.error().detail);
  return response;
}

Result<> read_stored_body(const fs::path& folder, const crawl::Record& record, BodyForm form,
                          const BodyOutput& output) {
  const auto& position = record.outcome.archive;
  if (!position)
    return fail(Errc::not_found, fmt::format("no body of {} is kept", printable(record.url)));
  if (!storage::lies_inside(position->file))
    return fail(Errc::damaged, fmt::format("the record of {} names a file outside the folder: {}",
                                           printable(record.url), printable(position->file)));
  if (position->file.starts_with("files/"))
    return read_from_file(folder / position->file, form, output);
  return read_from_warc(folder, record, form, output);
}

Result<> write_payload(storage::WarcReader& reader, const PayloadForm& form,
                       const BodyOutput& output) {
  const Result<std::string> coding =
      form.raw || form.head.empty() ? std::string{} : content_coding(form.head, form.all_codings);
  if (!coding) return std::unexpected(coding.error());
  auto decoder = web::Decoder::create(*coding, {.decoded_bytes_max = form.decoded_bytes_max});
  if (!decoder)
    return fail(Errc::decode,
                fmt::format("{}; --raw gives the body as it was received", decoder.error().detail));
  BodyWriter body{std::move(*decoder), form.cut, output};
  const storage::ExpectedDigest expected{form.digest};
  web::Hasher hasher = expected.hasher();
  Result<bool> more = true;
  const auto take = [&](std::string_view bytes) {
    if (more && *more) more = body.add(bytes);
  };
  const auto ignore = [](std::string_view) {};
  storage::PayloadSplitter splitter{!form.framing_head.empty()};
  splitter.add(form.framing_head, ignore, ignore);
  const bool unchunk = splitter.chunked() && !form.raw;
  while (more && *more) {
    const auto piece = reader.read();
    if (!piece) return std::unexpected(piece.error());
    if (piece->empty()) break;
    if (expected.known()) hasher.update(*piece);
    if (unchunk)
      splitter.add(*piece, ignore, take);
    else
      take(*piece);
  }
  if (!more) return std::unexpected(more.error());
  if (!*more) return {};
  if (const auto finished = body.finish(); !finished) return std::unexpected(finished.error());
  // Only now are the record's checksum and the body's digest known.
  if (const auto end = reader.finish(); !end) return std::unexpected(end.error());
  if (expected.known() && !expected.matches(hasher))
    return fail(Errc::damaged, "the body has not the digest that the revisit record names");
  return {};
}

}  // namespace trawl::service
