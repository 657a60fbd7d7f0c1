#pragma once
// Checksum: what a file has to be, as lists of files name it. Pure.

#include "core/base/result.hpp"
#include "core/web/digest.hpp"

#include <string>
#include <string_view>

namespace trawl::crawl {

struct Checksum {
  web::Hasher::Algorithm algorithm = web::Hasher::Algorithm::sha256;
  std::string hex;  // lower-case; empty: any body will do

  bool empty() const { return hex.empty(); }
  bool operator==(const Checksum&) const = default;
};

// "sha256:9f86…", "md5:900150…"; upper case, "sha-256" and "=" too, as other programs write them.
// Errors: Errc::bad_url with what is allowed.
Result<Checksum> parse_checksum(std::string_view text);
// The same back; empty for none.
std::string to_string(const Checksum& checksum);

}  // namespace trawl::crawl
