#pragma once
// .netrc files, as curl, wget and ftp read them: machine, login and password, also in double
// quotes. A comment begins with a # where a line or a keyword could begin, so a password may, too.
// "account" and "macdef" are skipped, and "default" too: a crawler goes anywhere.

#include "core/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace trawl::http {

struct NetrcEntry {
  std::string machine;
  std::string login;
  std::string password;
  bool operator==(const NetrcEntry&) const = default;
};

// In the file's order. Errors: Errc::config with the line. Linear.
Result<std::vector<NetrcEntry>> parse_netrc(std::string_view text);

}  // namespace trawl::http
