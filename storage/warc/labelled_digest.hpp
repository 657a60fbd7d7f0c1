#pragma once
// A digest as WARC's fields have it, with the name of its algorithm (WARC 1.1, 5.8 and 5.9).

#include "core/web/digest.hpp"

#include <string>
#include <string_view>

namespace trawl::storage {

// "sha256:" and the digest in hex, as result records have it too. hex: 64 digits.
std::string labelled_sha256(std::string_view hex);

// A digest that a field names, in whichever way it is written: SHA-1, SHA-256, SHA-512
// or MD5, in hex or base32. Others are not known, and can't be compared.
class ExpectedDigest {
 public:
  explicit ExpectedDigest(std::string_view field);

  bool known() const { return known_; }
  // That takes the bytes to compare.
  web::Hasher hasher() const { return web::Hasher(algorithm_); }
  bool matches(web::Hasher& hasher) const;  // which it finishes

 private:
  bool known_ = false;
  web::Hasher::Algorithm algorithm_ = web::Hasher::Algorithm::sha256;
  std::string value_;  // lower-case, without padding
};

}  // namespace trawl::storage
