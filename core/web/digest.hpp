#pragma once
// Digests of bodies (OpenSSL EVP) and fingerprints of URLs (XXH3).

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace trawl::web {

class Hasher {
 public:
  enum class Algorithm { sha1, sha256 };
  explicit Hasher(Algorithm algorithm);
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;

  void update(std::string_view bytes);
  std::string hex();     // finishes and starts anew
  std::string base32();  // RFC 4648, upper-case, as WARC digests use it; finishes and starts anew

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

std::string sha256_hex(std::string_view bytes);  // 64 characters

// 64-bit fingerprint of a URL or host key; stable across versions, stored on disk.
std::uint64_t fingerprint(std::string_view text);

}  // namespace trawl::web
