#pragma once
// WarcInput: the bytes of a WARC file, decoded where a member stands, with a look ahead of any
// size. Knows members; where records begin and end is the reader's business.

#include "core/base/result.hpp"
#include "storage/files/file_handle.hpp"
#include "storage/warc/member_decoder.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::storage {

class WarcInput {
 public:
  enum class Coding : std::uint8_t { plain, gzip, zstd };

  // Throws Failure{io}.
  explicit WarcInput(const std::filesystem::path& path);

  const std::string& name() const { return name_; }
  std::uint64_t size() const { return size_; }
  std::string_view ready() const { return std::string_view(decoded_).substr(used_); }
  void use(std::size_t count) { used_ += count; }

  void seek(std::uint64_t offset);
  // The file offset of the first byte of ready(). Inside a compressed member there is no such
  // offset: then that of the compressed bytes not yet read.
  std::uint64_t position() const;
  bool in_member() const { return in_member_; }
  Coding coding() const { return coding_; }
  bool compressed() const { return coding_ != Coding::plain; }

  // Finds out what stands at the position and begins it, past zstd's skippable frames; false at the
  // file's end. Errors: a skippable frame is cut off; the dictionary is damaged.
  Result<bool> begin_member();
  // Adds bytes to ready(). False at the member's end (plain: the file's end). Errors: the member is
  // damaged.
  Result<bool> fill();
  // The same, but where a zstd frame ends it goes on with the frame that follows: a record may be
  // several of them.
  Result<bool> fill_across_frames();
  // What the format asks of the zstd frames begun since the last call, and one of them lacks.
  std::string take_frame_fault() { return std::exchange(frame_fault_, {}); }

 private:
  std::string_view raw() const {
    return std::string_view(raw_.data(), raw_.size()).substr(raw_used_);
  }
  bool load_raw(std::size_t count);
  Result<bool> skip_extensions();
  Result<> begin_zstd_frame();
  Result<std::string> read_dictionary() const;

  const std::string name_;
  FileHandle file_;
  const std::uint64_t size_;
  std::vector<char> raw_;
  std::size_t raw_used_ = 0;
  std::uint64_t raw_offset_ = 0;  // of raw_.front() in the file

  Coding coding_ = Coding::plain;
  bool in_member_ = false;
  std::unique_ptr<MemberDecoder> gzip_;
  std::optional<Result<std::unique_ptr<MemberDecoder>>> zstd_;  // made when the first frame is met
  std::string frame_fault_;

  std::string decoded_;
  std::size_t used_ = 0;
};

}  // namespace trawl::storage
