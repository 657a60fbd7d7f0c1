#pragma once
// errno in words. Where something is not permitted, who asked is half of the answer: in a container
// or under a service manager it is mostly another user than one thinks.

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace trawl {

// "Permission denied (trawl runs as user 10001, group 10001)".
inline std::string errno_text(int error) {
  std::string text = std::generic_category().message(error);
  if (error == EACCES || error == EPERM)
    text += fmt::format(" (trawl runs as user {}, group {})", ::geteuid(), ::getegid());
  return text;
}

}  // namespace trawl
