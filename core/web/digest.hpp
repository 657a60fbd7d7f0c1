#pragma once
// Digests of bodies (OpenSSL EVP) and fingerprints of URLs (XXH3).

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::web {

class Hasher {
 public:
  enum class Algorithm : std::uint8_t { md5, sha1, sha256, sha512 };
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

// "md5", "sha1", "sha256", "sha512".
std::string_view to_string(Hasher::Algorithm algorithm);
std::optional<Hasher::Algorithm> algorithm_from_name(std::string_view name);
// The size of its digests.
std::size_t digest_bytes(Hasher::Algorithm algorithm);

// Of both, one after the other; 64 characters.
std::string sha256_hex(std::string_view bytes, std::string_view more = {});

// SHA-256, in hex.
struct BlockDigests {
  std::string block;  // of head and body together
  std::string body;
};

// Both at once where processor and library can, which takes half the time of one after the other.
BlockDigests sha256_of_block(std::string_view head, std::string_view body);

// 64-bit fingerprint of a URL or host key; stable across versions, stored on disk.
std::uint64_t fingerprint(std::string_view text);

}  // namespace trawl::web
