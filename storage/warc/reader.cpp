// Records are framed by their own lengths; that each is a member of its own is found out, not
// taken for granted, because not every producer cares.
#include "storage/warc/reader.hpp"

#include "core/base/limits.hpp"
#include "storage/warc/input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace trawl::storage {
namespace {

constexpr std::size_t warc_header_bytes_max = 1024 * 1024;
constexpr std::string_view empty_line = "\r\n\r\n";

}  // namespace

WarcReader::WarcReader(std::unique_ptr<WarcInput> input)
    : input_(std::move(input)), name_(input_->name()) {}
WarcReader::WarcReader(WarcReader&&) noexcept = default;
WarcReader& WarcReader::operator=(WarcReader&&) noexcept = default;
WarcReader::~WarcReader() = default;

Result<WarcReader> WarcReader::open(const std::filesystem::path& file) {
  try {
    return WarcReader(std::make_unique<WarcInput>(file));
  } catch (const Failure& failure) {
    return std::unexpected(failure.error());
  }
}

std::uint64_t WarcReader::file_bytes() const {
  return input_->size();
}

std::unexpected<Error> WarcReader::damaged(std::string_view what) const {
  return fail(Errc::damaged, fmt::format("{}, record at {}: {}", name_, record_offset_, what));
}

void WarcReader::seek(std::uint64_t offset) {
  input_->seek(offset);
  in_record_ = false;
}

Result<std::optional<WarcRecord>> WarcReader::next() {
  if (in_record_)
    if (auto end = finish(); !end) return std::unexpected(std::move(end.error()));

  WarcRecord record;
  record.starts_member = false;
  (void)input_->take_frame_fault();  // of frames between records
  while (input_->ready().empty()) {
    record_offset_ = input_->position();
    if (!input_->in_member()) {
      auto begun = input_->begin_member();
      record_offset_ = input_->position();
      if (!begun) return damaged(begun.error().detail);
      if (!*begun) return std::nullopt;
      record.starts_member = true;
    }
    auto more = input_->fill();
    if (!more) return damaged(more.error().detail);
  }
  if (!record.starts_member) record_offset_ = input_->position();
  if (!input_->compressed()) record.starts_member = true;
  record.offset = record_offset_;
  record.compressed = input_->compressed();

  std::size_t searched = 0;
  for (;;) {
    const std::string_view ready = input_->ready();
    const auto end = ready.find(empty_line, searched);
    if (end != std::string_view::npos || ready.size() > warc_header_bytes_max) break;
    searched = ready.size() < empty_line.size() ? 0 : ready.size() - empty_line.size() + 1;
    auto more = input_->fill_across_frames();
    if (!more) return damaged(more.error().detail);
    if (!*more) break;
  }
  auto parsed = web::parse_warc_header(input_->ready().substr(0, warc_header_bytes_max));
  if (!parsed) return damaged(parsed.error().detail);
  input_->use(parsed->block_offset);
  block_left_ = parsed->header.content_length;
  in_record_ = true;
  record.header = std::move(parsed->header);
  record.version = std::move(parsed->version);
  return record;
}

Result<std::string_view> WarcReader::read() {
  if (block_left_ == 0) return std::string_view();
  while (input_->ready().empty()) {
    auto more = input_->fill_across_frames();
    if (!more) return damaged(more.error().detail);
    if (!*more) return damaged("the record is shorter than its Content-Length");
  }
  const auto piece = input_->ready().substr(0, block_left_);
  input_->use(piece.size());
  block_left_ -= piece.size();
  return piece;
}

Result<std::string> WarcReader::read_http_head() {
  std::size_t searched = 0;
  for (;;) {
    const auto ready = input_->ready().substr(0, block_left_);
    const auto end = ready.find(empty_line, searched);
    if (end != std::string_view::npos) {
      std::string head(ready.substr(0, end + empty_line.size()));
      input_->use(head.size());
      block_left_ -= head.size();
      return head;
    }
    if (ready.size() == block_left_ || ready.size() > 2 * limits::header_bytes_max)
      return damaged("the block has no HTTP head");
    searched = ready.size() < empty_line.size() ? 0 : ready.size() - empty_line.size() + 1;
    auto more = input_->fill_across_frames();
    if (!more) return damaged(more.error().detail);
    if (!*more) return damaged("the record is shorter than its Content-Length");
  }
}

Result<std::string> WarcReader::read_rest(std::uint64_t bytes_max) {
  if (block_left_ > bytes_max)
    return fail(
        Errc::limit_exceeded,
        fmt::format("{}, record at {}: the block has {} bytes more than can be read at once", name_,
                    record_offset_, block_left_ - bytes_max));
  std::string rest;
  for (;;) {
    auto piece = read();
    if (!piece) return std::unexpected(std::move(piece.error()));
    if (piece->empty()) return rest;
    rest.append(*piece);
  }
}

Result<WarcRecordEnd> WarcReader::finish() {
  in_record_ = false;
  for (;;) {
    auto piece = read();
    if (!piece) return std::unexpected(std::move(piece.error()));
    if (piece->empty()) break;
  }
  while (input_->ready().size() < web::warc_record_end.size()) {
    auto more = input_->fill_across_frames();
    if (!more) return damaged(more.error().detail);
    if (!*more) return damaged("the two empty lines after the block are cut off");
  }
  if (!input_->ready().starts_with(web::warc_record_end))
    return damaged("the block is longer than its Content-Length");
  input_->use(web::warc_record_end.size());
  WarcRecordEnd end;
  if (input_->compressed()) {
    // The member's checksum is only checked when its end is asked for.
    while (input_->in_member() && input_->ready().empty())
      if (auto more = input_->fill(); !more) return damaged(more.error().detail);
    end.ends_member = input_->ready().empty();
    end.frame_fault = input_->take_frame_fault();
  }
  end.length = input_->position() - record_offset_;
  return end;
}

}  // namespace trawl::storage
