// OpenSSL's EVP uses the CPU's SHA instructions. The algorithms are fetched once: looking them up
// by name for every digest would cost more than hashing a small page.
#include "core/web/digest.hpp"

#include "core/base/result.hpp"
#include "core/web/digest_pair.hpp"

#include <openssl/evp.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

namespace trawl::web {
namespace {

using Digest = std::array<unsigned char, EVP_MAX_MD_SIZE>;

struct Kind {
  Hasher::Algorithm algorithm;
  std::string_view name;
  std::size_t bytes;
};
constexpr auto kinds = std::to_array<Kind>({{Hasher::Algorithm::md5, "md5", 16},
                                            {Hasher::Algorithm::sha1, "sha1", 20},
                                            {Hasher::Algorithm::sha256, "sha256", 32},
                                            {Hasher::Algorithm::sha512, "sha512", 64}});

const Kind& kind_of(Hasher::Algorithm algorithm) {
  return kinds[static_cast<std::size_t>(algorithm)];
}

const EVP_MD* method(Hasher::Algorithm algorithm) {
  static EVP_MD* const md5 = EVP_MD_fetch(nullptr, "MD5", nullptr);
  static EVP_MD* const sha1 = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  static EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  static EVP_MD* const sha512 = EVP_MD_fetch(nullptr, "SHA512", nullptr);
  return std::array{md5, sha1, sha256, sha512}[static_cast<std::size_t>(algorithm)];
}

void check(int status) {
  if (status != 1) throw Failure(Errc::internal, "OpenSSL refused to compute a digest");
}

std::string to_hex(std::span<const unsigned char> bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text(bytes.size() * 2, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    text[2 * i] = digits[bytes[i] >> 4];
    text[2 * i + 1] = digits[bytes[i] & 15];
  }
  return text;
}

std::string to_base32(const unsigned char* bytes, std::size_t size) {
  constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string text((size + 4) / 5 * 8, '=');
  char* digit = text.data();
  unsigned bits = 0;
  int count = 0;
  for (std::size_t i = 0; i < size; ++i) {
    bits = (bits << 8 | bytes[i]) & 0xFFF;
    for (count += 8; count >= 5; count -= 5) *digit++ = digits[bits >> (count - 5) & 31];
  }
  if (count > 0) *digit = digits[bits << (5 - count) & 31];
  return text;
}

}  // namespace

struct Hasher::Context {
  explicit Context(Algorithm a) : algorithm(a) {}
  ~Context() { EVP_MD_CTX_free(state); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  // Not before there is something to digest: most digests are finished once, and starting anew then
  // costs as much as a small body; many aren't wanted in the end.
  void start() {
    if (started) return;
    if (state == nullptr) state = EVP_MD_CTX_new();
    check(state != nullptr ? EVP_DigestInit_ex2(state, method(algorithm), nullptr) : 0);
    started = true;
  }
  std::size_t finish(Digest& digest) {
    start();
    started = false;
    unsigned size = 0;
    check(EVP_DigestFinal_ex(state, digest.data(), &size));
    return size;
  }

  Algorithm algorithm;
  EVP_MD_CTX* state = nullptr;
  bool started = false;
};

Hasher::Hasher(Algorithm algorithm) : context_(std::make_unique<Context>(algorithm)) {}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::update(std::string_view bytes) {
  context_->start();
  const int status = EVP_DigestUpdate(context_->state, bytes.data(), bytes.size());
  context_->started = status == 1;
  check(status);
}

std::string Hasher::hex() {
  Digest digest;
  return to_hex(std::span(digest).first(context_->finish(digest)));
}

std::string Hasher::base32() {
  Digest digest;
  return to_base32(digest.data(), context_->finish(digest));
}

std::string_view to_string(Hasher::Algorithm algorithm) {
  return kind_of(algorithm).name;
}

std::optional<Hasher::Algorithm> algorithm_from_name(std::string_view name) {
  const auto found = std::ranges::find(kinds, name, &Kind::name);
  if (found == kinds.end()) return std::nullopt;
  return found->algorithm;
}

std::size_t digest_bytes(Hasher::Algorithm algorithm) {
  return kind_of(algorithm).bytes;
}

std::string sha256_hex(std::string_view bytes, std::string_view more) {
  thread_local Hasher hasher(Hasher::Algorithm::sha256);  // its state is kept for the next text
  hasher.update(bytes);
  hasher.update(more);
  return hasher.hex();
}

BlockDigests sha256_of_block(std::string_view head, std::string_view body) {
  if (const auto pair = sha256_pair(head, body))
    return {.block = to_hex(pair->block), .body = to_hex(pair->body)};
  return {.block = sha256_hex(head, body), .body = sha256_hex(body)};
}

std::uint64_t fingerprint(std::string_view text) {
  return XXH3_64bits(text.data(), text.size());
}

}  // namespace trawl::web
