// In pieces, so that a body of gigabytes is written over in constant memory.
#include "storage/warc/erase.hpp"

#include "core/base/result.hpp"
#include "core/web/archive/warc_record.hpp"
#include "storage/files/file_handle.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace trawl::storage {
namespace {

constexpr std::string_view explanation = "description: what stood here was removed\r\n";

void append_little_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
}

// A record of a length: its beginning, spaces, and its end.
class Filler {
 public:
  explicit Filler(std::uint64_t bytes) : bytes_(bytes) {
    web::WarcHeaderText header{"metadata", web::new_record_id(), system_clock().wall(), {}};
    header.add("Content-Type", "application/warc-fields");
    begin_ = header.finish({}, 0);
    // The length last and as wide as it may get, so that what is left for the block is known.
    begin_.erase(begin_.rfind("Content-Length"));
    const std::size_t width = std::to_string(bytes).size();
    const std::size_t around = begin_.size() + std::string_view{"Content-Length: \r\n\r\n"}.size() +
                               width + web::warc_record_end.size();
    if (around > bytes)
      throw Failure(Errc::usage,
                    fmt::format("a record of {} bytes is too short to be written over", bytes));
    const std::uint64_t block = bytes - around;
    begin_ += fmt::format("Content-Length: {:0{}}\r\n\r\n", block, width);
    begin_ += explanation.substr(0, block < explanation.size() ? 0 : explanation.size());
  }

  // The next bytes, in any steps.
  std::string take(std::uint64_t count) {
    std::string piece(count, ' ');
    const std::uint64_t end_at = bytes_ - web::warc_record_end.size();
    for (std::uint64_t i = at_; i < std::min<std::uint64_t>(at_ + count, begin_.size()); ++i)
      piece[i - at_] = begin_[i];
    for (std::uint64_t i = std::max(at_, end_at); i < at_ + count; ++i)
      piece[i - at_] = web::warc_record_end[i - end_at];
    at_ += count;
    return piece;
  }

 private:
  std::uint64_t bytes_, at_ = 0;
  std::string begin_;
};

class Eraser {
 public:
  explicit Eraser(const std::filesystem::path& file)
      : file_(FileHandle::open_for_writing(file)), bytes_(file_.size()) {}

  void plain(RecordRange range) {
    Filler filler{range.length};
    std::uint64_t at = range.offset;
    for (std::uint64_t left = range.length; left > 0;) {
      const std::uint64_t count = std::min(left, step_bytes);
      write(at, filler.take(count));
      left -= count;
    }
  }

  // RFC 1952 2.3: ten bytes, then blocks of at most 65,535 bytes as they are, CRC-32 and size.
  void gzip(RecordRange range) {
    constexpr std::uint64_t around = 18, block_head = 5, block_max = 65'535;
    constexpr std::string_view head{"\x1f\x8b\x08\0\0\0\0\0\0\xff", 10};
    const std::uint64_t room = range.length - std::min(range.length, around);
    const std::uint64_t blocks = (room + block_max + block_head - 1) / (block_max + block_head);
    const std::uint64_t content = room - std::min(room, blocks * block_head);
    Filler filler{content};
    std::uint64_t at = range.offset, left = content;
    write(at, head);
    auto crc = crc32_z(0, nullptr, 0);
    for (std::uint64_t i = 1; i <= blocks; ++i) {
      const std::uint64_t count = std::min(left, block_max);
      const std::string piece = filler.take(count);
      crc = crc32_z(crc, reinterpret_cast<const Bytef*>(piece.data()), piece.size());
      std::string block{static_cast<char>(i == blocks ? 1 : 0)};
      append_little_endian(block, count, 2);
      append_little_endian(block, ~count, 2);
      write(at, block + piece);
      left -= count;
    }
    std::string trailer;
    append_little_endian(trailer, crc, 4);
    append_little_endian(trailer, content, 4);
    write(at, trailer);
  }

  void zstd(RecordRange range) {
    constexpr std::uint64_t head_bytes = 8, frame_max = 1ULL << 30;
    constexpr std::uint32_t magic = 0x184D2A50;
    if (range.length < head_bytes)
      throw Failure(Errc::usage, fmt::format("a frame of {} bytes is too short to be written over",
                                             range.length));
    std::uint64_t at = range.offset;
    for (std::uint64_t left = range.length; left > 0;) {
      std::uint64_t frame = std::min(left, frame_max);
      if (left > frame && left - frame < head_bytes) frame -= head_bytes;
      std::string head;
      append_little_endian(head, magic, 4);
      append_little_endian(head, frame - head_bytes, 4);
      write(at, head);
      for (std::uint64_t content = frame - head_bytes; content > 0;) {
        const std::uint64_t count = std::min(content, step_bytes);
        write(at, std::string(count, ' '));
        content -= count;
      }
      left -= frame;
    }
  }

  void sync() { file_.sync_data(); }

 private:
  static constexpr std::uint64_t step_bytes = 64 * 1024;

  // Behind the file's end there is nothing to be written over.
  void write(std::uint64_t& at, std::string_view bytes) {
    if (at < bytes_) file_.write_at(at, bytes.substr(0, std::min(bytes.size(), bytes_ - at)));
    at += bytes.size();
  }

  FileHandle file_;
  std::uint64_t bytes_;
};

}  // namespace

void erase_records(const std::filesystem::path& file, const std::filesystem::path& named,
                   std::span<const RecordRange> ranges) {
  Eraser eraser{file};
  for (const RecordRange range : ranges) {
    if (named.extension() == ".gz")
      eraser.gzip(range);
    else if (named.extension() == ".zst")
      eraser.zstd(range);
    else
      eraser.plain(range);
  }
  eraser.sync();
}

}  // namespace trawl::storage
