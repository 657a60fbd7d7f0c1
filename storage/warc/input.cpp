// A gzip member is one record in the files we write, but not in everybody's: members are decoded as
// a stream, and records are framed by their own lengths, so both kinds can be told apart.
#include "storage/warc/input.hpp"

#include <fmt/format.h>

#include <utility>

namespace trawl::storage {
namespace {

constexpr std::size_t read_step_bytes = 64 * 1024;
constexpr std::string_view gzip_start = "\x1f\x8b", zstd_start = "\x28\xB5\x2F\xFD";
constexpr std::size_t frame_start_bytes = 8;  // of a skippable frame: magic number and size
constexpr std::uint32_t dictionary_magic = 0x184D2A5D;

std::uint32_t little_endian_32(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

// RFC 8878, 3.1.2: one of sixteen magic numbers, and the size of what follows.
bool is_skippable(std::string_view head) {
  return head.size() >= frame_start_bytes && (little_endian_32(head) & ~0xFU) == 0x184D2A50;
}

}  // namespace

WarcInput::WarcInput(const std::filesystem::path& path)
    : name_(path.string()), file_(FileHandle::open_for_reading(path)), size_(file_.size()) {}

void WarcInput::seek(std::uint64_t offset) {
  raw_.clear();
  raw_used_ = 0;
  raw_offset_ = offset;
  decoded_.clear();
  used_ = 0;
  in_member_ = false;
  frame_fault_.clear();
}

std::uint64_t WarcInput::position() const {
  const std::uint64_t consumed = raw_offset_ + raw_used_;
  return compressed() ? consumed : consumed - ready().size();
}

// Whether at least count raw bytes are at hand, or any when the file ends before.
bool WarcInput::load_raw(std::size_t count) {
  if (raw_.size() - raw_used_ >= count) return true;
  raw_.erase(raw_.begin(), raw_.begin() + std::ptrdiff_t(raw_used_));
  raw_offset_ += raw_used_;
  raw_used_ = 0;
  const std::size_t kept = raw_.size();
  raw_.resize(kept + read_step_bytes);
  raw_.resize(kept + file_.read_at(raw_offset_ + kept, std::span(raw_).subspan(kept)));
  return !raw_.empty();
}

// False at the file's end.
Result<bool> WarcInput::skip_extensions() {
  for (;;) {
    if (!load_raw(frame_start_bytes)) return false;
    if (!is_skippable(raw())) return true;
    const std::uint64_t end =
        raw_offset_ + raw_used_ + frame_start_bytes + little_endian_32(raw().substr(4));
    if (end > size_) return fail(Errc::damaged, "a skippable zstd frame is cut off");
    raw_.clear();
    raw_used_ = 0;
    raw_offset_ = end;
  }
}

Result<bool> WarcInput::begin_member() {
  auto found = skip_extensions();
  if (!found || !*found) return found;
  if (raw().starts_with(zstd_start)) {
    if (auto begun = begin_zstd_frame(); !begun) return std::unexpected(std::move(begun.error()));
  } else if (raw().starts_with(gzip_start)) {
    coding_ = Coding::gzip;
    if (!gzip_) gzip_ = make_gzip_decoder();
    gzip_->begin();
  } else {
    coding_ = Coding::plain;
  }
  in_member_ = true;
  return true;
}

Result<> WarcInput::begin_zstd_frame() {
  coding_ = Coding::zstd;
  if (!zstd_) {
    auto dictionary = read_dictionary();
    zstd_ = dictionary ? make_zstd_decoder(*dictionary)
                       : std::unexpected(std::move(dictionary.error()));
  }
  if (!*zstd_) return std::unexpected(zstd_->error());
  (**zstd_)->begin();
  // RFC 8878, 3.1.1.1: the descriptor says which fields the frame has.
  const unsigned descriptor = raw().size() > 4 ? static_cast<unsigned char>(raw()[4]) : 0xFF;
  if ((descriptor & 0xC0) == 0 && (descriptor & 0x20) == 0)
    frame_fault_ = "the zstd frame does not say its content's size";
  if ((descriptor & 0x04) == 0) frame_fault_ = "the zstd frame has no checksum";
  return {};
}

// Empty when the file begins with no dictionary frame.
Result<std::string> WarcInput::read_dictionary() const {
  std::string start(frame_start_bytes, '\0');
  start.resize(file_.read_at(0, start));
  if (!is_skippable(start) || little_endian_32(start) != dictionary_magic) return std::string();
  const std::uint32_t bytes = little_endian_32(std::string_view(start).substr(4));
  if (bytes > zstd_dictionary_bytes_max)
    return fail(Errc::damaged, "the file's dictionary has more than 8 MiB");
  std::string content(bytes, '\0');
  if (file_.read_at(frame_start_bytes, content) != bytes)
    return fail(Errc::damaged, "the file's dictionary frame is cut off");
  return decode_zstd_dictionary(content);
}

Result<bool> WarcInput::fill() {
  if (!in_member_) return false;
  if (used_ > 0) {
    decoded_.erase(0, used_);
    used_ = 0;
  }
  if (!compressed()) {
    if (!load_raw(1)) return in_member_ = false;
    decoded_.append(raw());
    raw_used_ = raw_.size();
    return true;
  }
  MemberDecoder& decoder = coding_ == Coding::gzip ? *gzip_ : ***zstd_;
  const std::size_t before = decoded_.size();
  while (in_member_ && decoded_.size() == before) {
    if (!decoder.has_more() && !load_raw(1))
      return fail(
          Errc::damaged,
          fmt::format("the {} is cut off", coding_ == Coding::gzip ? "gzip member" : "zstd frame"));
    std::string_view rest = raw();
    auto goes_on = decoder.decode(rest, decoded_);
    raw_used_ = raw_.size() - rest.size();
    if (!goes_on) return goes_on;
    in_member_ = *goes_on;
  }
  return decoded_.size() > before;
}

Result<bool> WarcInput::fill_across_frames() {
  for (;;) {
    auto more = fill();
    if (!more || *more || coding_ != Coding::zstd) return more;
    auto found = skip_extensions();
    if (!found || !*found) return found;
    if (!raw().starts_with(zstd_start)) return false;
    if (auto begun = begin_zstd_frame(); !begun) return std::unexpected(std::move(begun.error()));
    in_member_ = true;
  }
}

}  // namespace trawl::storage
