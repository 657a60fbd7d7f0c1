#include "core/web/digest.hpp"

#include "core/web/digest_pair.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

namespace trawl::web {
namespace {

std::string text_of(std::size_t bytes) {
  std::string text(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) text[i] = static_cast<char>(i * 31 + (i >> 8));
  return text;
}

bool processor_has_sha() {
  std::stringstream text;
  text << std::ifstream{"/proc/cpuinfo"}.rdbuf();
  return text.str().find(" sha_ni ") != std::string::npos;
}

void expect_digests_of(std::string_view head, std::string_view body) {
  const auto digests = sha256_of_block(head, body);
  EXPECT_EQ(digests.block, sha256_hex(std::string{head}.append(body))) << body.size();
  EXPECT_EQ(digests.body, sha256_hex(body)) << body.size();
}

TEST(Digest, KnownAnswers) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Hasher sha1(Hasher::Algorithm::sha1);
  sha1.update("abc");
  EXPECT_EQ(sha1.base32(), "VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5");
  EXPECT_EQ(sha1.base32(), "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ") << "begun anew, of nothing";
}

TEST(Digest, AHasherIsTheSameInPiecesAndStartsAnew) {
  Hasher hasher(Hasher::Algorithm::sha256);
  hasher.update("a");
  hasher.update("bc");
  EXPECT_EQ(hasher.hex(), sha256_hex("abc"));
  hasher.update("x");
  EXPECT_EQ(hasher.hex(), sha256_hex("x"));
  Hasher moved = std::move(hasher);
  moved.update("abc");
  EXPECT_EQ(moved.base32().size(), 56u);
}

TEST(Digest, BlockAndBodyAreDigestedTogetherAsTheyAreAlone) {
  const std::string head = text_of(300);
  for (const std::size_t size : {0, 1, 63, 1023, 1024, 1025, 20'000, 65'233, 65'234, 65'235, 70'000,
                                 131'072, 200'001, 262'144, 327'380, 327'381, 1'000'000})
    expect_digests_of(head, text_of(size));
  for (std::size_t size = 4096; size < 4096 + 130; ++size) {
    expect_digests_of("", text_of(size));
    expect_digests_of(std::string_view{head}.substr(0, size % 71), text_of(size));
  }
  expect_digests_of(text_of(9'000), text_of(2'000));
}

TEST(Digest, ThreadsDigestBlocksBesideEachOther) {
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < 4; ++i)
    threads.emplace_back([i] {
      for (std::size_t size = 2'000 + i; size < 12'000; size += 400)
        expect_digests_of("head", text_of(size));
    });
}

// That the fast way is taken at all; what it gives is compared above.
TEST(Digest, ProcessorsWithShaInstructionsAndNoOthersDigestTwoAtOnce) {
  for (const std::size_t size : {20'000, 256 * 1024})
    EXPECT_EQ(sha256_pair("head", text_of(size)).has_value(), processor_has_sha()) << size;
  EXPECT_FALSE(sha256_pair("head", text_of(100))) << "does not pay";
  EXPECT_FALSE(sha256_pair("head", text_of(1024 * 1024))) << "the library takes no longer ones";
}

// The values are stored on disk, so they may never change.
TEST(Digest, FingerprintsAreStable) {
  EXPECT_EQ(fingerprint(""), 0x2D06800538D394C2u);
  EXPECT_NE(fingerprint("http://example.org/"), fingerprint("http://example.org/a"));
}

}  // namespace
}  // namespace trawl::web
