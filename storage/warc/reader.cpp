// A gzip member is one record in the files we write, but not in everybody's: members are inflated
// as a stream, and records are framed by their own lengths, so both kinds can be told apart.
#include "storage/warc/reader.hpp"

#include "core/base/limits.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace trawl::storage {
namespace {

constexpr std::size_t read_step_bytes = 64 * 1024;
constexpr std::size_t warc_header_bytes_max = 1024 * 1024;
constexpr std::string_view empty_line = "\r\n\r\n";

}  // namespace

// The file's bytes, inflated where a gzip member stands, with a look ahead of any size.
class WarcReader::Input {
 public:
  explicit Input(const std::filesystem::path& path)
      : name(path.string()), file_(FileHandle::open_for_reading(path)), size_(file_.size()) {
    inflateInit2(&stream_, MAX_WBITS + 16);
  }
  ~Input() { inflateEnd(&stream_); }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  std::uint64_t size() const { return size_; }
  std::string_view ready() const { return std::string_view(decoded_).substr(used_); }
  void use(std::size_t count) { used_ += count; }

  void seek(std::uint64_t offset) {
    raw_.clear();
    raw_used_ = 0;
    raw_offset_ = offset;
    decoded_.clear();
    used_ = 0;
    in_member_ = false;
  }

  // The file offset of the first byte of ready(). Inside a gzip member there is no such offset:
  // then that of the compressed bytes not yet read.
  std::uint64_t position() const {
    const std::uint64_t consumed = raw_offset_ + raw_used_;
    return compressed_ ? consumed : consumed - ready().size();
  }
  bool in_member() const { return in_member_; }
  bool compressed() const { return compressed_; }

  // Finds out what stands at the position; false at the file's end.
  bool begin_member() {
    if (!load_raw(2)) return false;
    const auto head = raw();
    compressed_ = head.starts_with("\x1f\x8b");
    in_member_ = true;
    if (compressed_) inflateReset(&stream_);
    return true;
  }

  // Adds bytes to ready(). Returns false at the member's end (plain: the file's end). Errors: the
  // member is damaged.
  Result<bool> fill() {
    if (!in_member_) return false;
    if (used_ > 0) {
      decoded_.erase(0, used_);
      used_ = 0;
    }
    if (!compressed_) {
      if (!load_raw(1)) return in_member_ = false;
      decoded_.append(raw());
      raw_used_ = raw_.size();
      return true;
    }
    return inflate_some();
  }

  const std::string name;

 private:
  std::string_view raw() const {
    return std::string_view(raw_.data(), raw_.size()).substr(raw_used_);
  }

  // Whether at least count raw bytes are at hand, or any when the file ends before.
  bool load_raw(std::size_t count) {
    if (raw_.size() - raw_used_ >= count) return true;
    raw_.erase(raw_.begin(), raw_.begin() + std::ptrdiff_t(raw_used_));
    raw_offset_ += raw_used_;
    raw_used_ = 0;
    const std::size_t kept = raw_.size();
    raw_.resize(kept + read_step_bytes);
    raw_.resize(kept + file_.read_at(raw_offset_ + kept, std::span(raw_).subspan(kept)));
    return !raw_.empty();
  }

  Result<bool> inflate_some() {
    for (;;) {
      if (!load_raw(1)) return fail(Errc::damaged, "the gzip member is cut off");
      stream_.next_in = reinterpret_cast<Bytef*>(raw_.data() + raw_used_);
      stream_.avail_in = uInt(raw_.size() - raw_used_);
      stream_.next_out = reinterpret_cast<Bytef*>(output_.data());
      stream_.avail_out = uInt(output_.size());
      const int status = inflate(&stream_, Z_NO_FLUSH);
      raw_used_ = raw_.size() - stream_.avail_in;
      decoded_.append(output_.data(), output_.size() - stream_.avail_out);
      if (status == Z_STREAM_END) in_member_ = false;
      if (stream_.avail_out < output_.size()) return true;
      if (status == Z_STREAM_END) return false;
      if (status != Z_OK && status != Z_BUF_ERROR)
        return fail(Errc::damaged,
                    fmt::format("the gzip member is damaged ({})",
                                stream_.msg != nullptr ? stream_.msg : "unknown fault"));
    }
  }

  FileHandle file_;
  const std::uint64_t size_;
  std::vector<char> raw_;
  std::size_t raw_used_ = 0;
  std::uint64_t raw_offset_ = 0;  // of raw_.front() in the file
  bool in_member_ = false;
  bool compressed_ = false;
  z_stream stream_{};
  std::string decoded_;
  std::size_t used_ = 0;
  std::array<char, read_step_bytes> output_;
};

WarcReader::WarcReader(std::unique_ptr<Input> input)
    : input_(std::move(input)), name_(input_->name) {}
WarcReader::WarcReader(WarcReader&&) noexcept = default;
WarcReader& WarcReader::operator=(WarcReader&&) noexcept = default;
WarcReader::~WarcReader() = default;

Result<WarcReader> WarcReader::open(const std::filesystem::path& file) {
  try {
    return WarcReader(std::make_unique<Input>(file));
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
  while (input_->ready().empty()) {
    record.offset = record_offset_ = input_->position();
    const bool was_inside = input_->in_member();
    if (!was_inside && !input_->begin_member()) return std::nullopt;
    record.starts_member = !was_inside;
    auto more = input_->fill();
    if (!more) return damaged(more.error().detail);
  }
  if (!record.starts_member) record.offset = record_offset_ = input_->position();
  if (!input_->compressed()) record.starts_member = true;
  record.compressed = input_->compressed();

  std::size_t searched = 0;
  for (;;) {
    const std::string_view ready = input_->ready();
    const auto end = ready.find(empty_line, searched);
    if (end != std::string_view::npos || ready.size() > warc_header_bytes_max) break;
    searched = ready.size() < empty_line.size() ? 0 : ready.size() - empty_line.size() + 1;
    auto more = input_->fill();
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
    auto more = input_->fill();
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
    auto more = input_->fill();
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
    auto more = input_->fill();
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
  }
  end.length = input_->position() - record_offset_;
  return end;
}

}  // namespace trawl::storage
