// Not an ostream: which error it was decides between a quiet end and a message, and streams forget.
#include "service/cli/output.hpp"

#include "core/base/result.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

namespace trawl::service::cli {
namespace {

constexpr std::size_t buffer_bytes = 64 * 1024;

[[noreturn]] void raise(int error) {
  const Errc code = error == ENOSPC || error == EDQUOT ? Errc::disk_full : Errc::io;
  throw Failure(code,
                fmt::format("can't write the output: {}", std::generic_category().message(error)));
}

}  // namespace

DescriptorOutput::DescriptorOutput(int fd) : fd_(fd) {
  std::signal(SIGPIPE, SIG_IGN);
}

bool DescriptorOutput::write_some(std::string_view bytes) {
  if (buffer_.size() + bytes.size() < buffer_bytes) {
    buffer_ += bytes;
    return true;
  }
  return flush_some() && write_all(bytes);
}

bool DescriptorOutput::flush_some() {
  const bool read = write_all(buffer_);
  buffer_.clear();
  return read;
}

bool DescriptorOutput::write_all(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd_, bytes.data(), bytes.size());
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {  // a terminal or pipe that another program made non-blocking
      pollfd ready{.fd = fd_, .events = POLLOUT, .revents = 0};
      ::poll(&ready, 1, -1);
    } else if (errno == EPIPE) {
      return false;
    } else if (errno != EINTR) {
      raise(errno);
    }
  }
  return true;
}

}  // namespace trawl::service::cli
