// glibc's tmpfile() knows no TMPDIR.
#include "service/files/temporary_file.hpp"

#include "core/base/result.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>
#include <vector>

namespace trawl::service {
namespace {

constexpr std::size_t piece_bytes = 1 << 20;

}  // namespace

void raise_temporary(int error, std::string_view doing) {
  throw Failure(error == ENOSPC || error == EDQUOT ? Errc::disk_full : Errc::io,
                fmt::format("can't {} a temporary file: {} (TMPDIR chooses the folder)", doing,
                            std::generic_category().message(error)));
}

TemporaryFile open_temporary_file() {
  const char* folder = std::getenv("TMPDIR");
  std::string name = fmt::format("{}/trawl-XXXXXX", folder && *folder ? folder : "/tmp");
  const int fd = ::mkostemp(name.data(), O_CLOEXEC);
  if (fd < 0) raise_temporary(errno, "create");
  ::unlink(name.c_str());
  std::FILE* file = ::fdopen(fd, "w+");
  if (file == nullptr) {
    const int error = errno;
    ::close(fd);
    raise_temporary(error, "open");
  }
  return TemporaryFile{file};
}

void Spool::write(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size())
    raise_temporary(errno, "write to");
  bytes_ += bytes.size();
}

void Spool::read(const std::function<void(std::string_view)>& output) {
  if (std::fflush(file_.get()) != 0) raise_temporary(errno, "write to");
  std::rewind(file_.get());
  std::vector<char> piece(piece_bytes);
  for (std::uint64_t left = bytes_; left > 0;) {
    const std::size_t count = std::fread(piece.data(), 1, piece.size(), file_.get());
    if (count == 0) raise_temporary(std::ferror(file_.get()) != 0 ? errno : EIO, "read");
    output({piece.data(), count});
    left -= count;
  }
}

}  // namespace trawl::service
