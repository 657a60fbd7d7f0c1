// minizip is C: an exception of our own file's waits until its call is over.
#include "service/wacz/zip_file.hpp"

#include "core/base/result.hpp"
#include "core/web/digest.hpp"
#include "storage/files/file_handle.hpp"

#include <fmt/format.h>
#include <zip.h>
#include <zlib.h>

#include <algorithm>
#include <ctime>
#include <exception>
#include <optional>
#include <utility>

namespace trawl::service {
namespace {

constexpr std::uint64_t zip64_bytes = UINT32_MAX;

}  // namespace

class ZipFile::Impl {
 public:
  explicit Impl(const std::filesystem::path& path)
      : path_(path), file_(storage::FileHandle::open_for_writing(path)) {
    zlib_filefunc64_def calls{.zopen64_file = open,
                              .zread_file = read,
                              .zwrite_file = write_bytes,
                              .ztell64_file = tell,
                              .zseek64_file = seek,
                              .zclose_file = close,
                              .zerror_file = error,
                              .opaque = this};
    zip_ = zipOpen2_64(path.c_str(), APPEND_STATUS_CREATE, nullptr, &calls);
    if (zip_ == nullptr) fail("begin");
  }
  ~Impl() {
    if (zip_ != nullptr) zipClose(zip_, nullptr);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // A member that is not too large has no ZIP64 field: readers on the web take one that stands in
  // front of a member, and not in the directory at the end, for the member's first bytes.
  void begin(const std::string& name, bool compress, std::uint64_t bytes) {
    member_ = {.name = name};
    hasher_.emplace(web::Hasher::Algorithm::sha256);
    zip_fileinfo info{};
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    gmtime_r(&now, &utc);
    const auto part = [](int value) { return static_cast<uInt>(value); };
    info.tmz_date = {.tm_sec = part(utc.tm_sec),
                     .tm_min = part(utc.tm_min),
                     .tm_hour = part(utc.tm_hour),
                     .tm_mday = part(utc.tm_mday),
                     .tm_mon = part(utc.tm_mon),
                     .tm_year = part(utc.tm_year + 1900)};
    check(zipOpenNewFileInZip64(zip_, name.c_str(), &info, nullptr, 0, nullptr, 0, nullptr,
                                compress ? Z_DEFLATED : 0, Z_DEFAULT_COMPRESSION,
                                bytes >= zip64_bytes ? 1 : 0));
  }

  void write(std::string_view bytes) {
    hasher_->update(bytes);
    member_.bytes += bytes.size();
    while (!bytes.empty()) {
      const auto piece = bytes.substr(0, 1U << 30);
      check(zipWriteInFileInZip(zip_, piece.data(), static_cast<unsigned>(piece.size())));
      bytes.remove_prefix(piece.size());
    }
  }

  ZipMember end() {
    check(zipCloseFileInZip(zip_));
    member_.sha256 = hasher_->hex();
    return std::move(member_);
  }

  void finish() {
    check(zipClose(std::exchange(zip_, nullptr), nullptr));
    file_.truncate(size_);  // of what was there before
    file_.sync_all();
  }

 private:
  static Impl& self(voidpf opaque) { return *static_cast<Impl*>(opaque); }
  static voidpf open(voidpf opaque, const void*, int) { return opaque; }
  static uLong read(voidpf, voidpf, void*, uLong) { return 0; }  // only to append to a ZIP file
  static uLong write_bytes(voidpf opaque, voidpf, const void* bytes, uLong count) {
    Impl& to = self(opaque);
    try {
      to.file_.write_at(to.position_, std::string_view{static_cast<const char*>(bytes), count});
    } catch (...) {
      to.failure_ = std::current_exception();
      return 0;
    }
    to.position_ += count;
    to.size_ = std::max(to.size_, to.position_);
    return count;
  }
  static ZPOS64_T tell(voidpf opaque, voidpf) { return self(opaque).position_; }
  static long seek(voidpf opaque, voidpf, ZPOS64_T offset, int origin) {
    Impl& in = self(opaque);
    in.position_ = offset + (origin == ZLIB_FILEFUNC_SEEK_CUR   ? in.position_
                             : origin == ZLIB_FILEFUNC_SEEK_END ? in.size_
                                                                : 0);
    return 0;
  }
  static int close(voidpf, voidpf) { return 0; }
  static int error(voidpf opaque, voidpf) { return self(opaque).failure_ ? 1 : 0; }

  void check(int code) {
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    if (code != ZIP_OK) fail("write to");
  }
  [[noreturn]] void fail(std::string_view what) {
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    throw Failure(Errc::io, fmt::format("can't {} the ZIP file {}", what, path_.string()));
  }

  std::filesystem::path path_;
  storage::FileHandle file_;
  std::uint64_t position_ = 0, size_ = 0;
  std::exception_ptr failure_;
  zipFile zip_ = nullptr;
  ZipMember member_;
  std::optional<web::Hasher> hasher_;
};

ZipFile::ZipFile(const std::filesystem::path& path) : impl_(std::make_unique<Impl>(path)) {}
ZipFile::~ZipFile() = default;

void ZipFile::begin(const std::string& name, bool compress, std::uint64_t bytes) {
  impl_->begin(name, compress, bytes);
}
void ZipFile::write(std::string_view bytes) {
  impl_->write(bytes);
}
ZipMember ZipFile::end() {
  return impl_->end();
}
void ZipFile::finish() {
  impl_->finish();
}

}  // namespace trawl::service
