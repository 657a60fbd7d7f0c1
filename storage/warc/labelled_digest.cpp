// Producers agree neither on the algorithm nor on the alphabet, so a value is known by its length.
#include "storage/warc/labelled_digest.hpp"

#include "core/web/ascii.hpp"

#include <cstddef>

namespace trawl::storage {

std::string labelled_sha256(std::string_view hex) {
  std::string field = "sha256:";
  return field += hex;
}

ExpectedDigest::ExpectedDigest(std::string_view field) {
  const auto colon = field.find(':');
  std::string name;
  for (const char c : field.substr(0, colon))
    if (c != '-') name += web::ascii::lower(c);
  const auto algorithm = web::algorithm_from_name(name);
  if (colon == std::string_view::npos || !algorithm) return;
  algorithm_ = *algorithm;
  value_ = field.substr(colon + 1);
  while (value_.ends_with('=')) value_.pop_back();
  value_ = web::ascii::lowered(value_);
  known_ = true;
}

bool ExpectedDigest::matches(web::Hasher& hasher) const {
  const std::size_t hex_digits = 2 * web::digest_bytes(algorithm_);
  std::string actual = value_.size() == hex_digits ? hasher.hex() : hasher.base32();
  while (actual.ends_with('=')) actual.pop_back();
  return web::ascii::lowered(actual) == value_;
}

}  // namespace trawl::storage
