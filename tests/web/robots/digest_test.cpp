#include "core/web/digest.hpp"

#include <gtest/gtest.h>

namespace trawl::web {
namespace {

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

// The values are stored on disk, so they may never change.
TEST(Digest, FingerprintsAreStable) {
  EXPECT_EQ(fingerprint(""), 0x2D06800538D394C2u);
  EXPECT_NE(fingerprint("http://example.org/"), fingerprint("http://example.org/a"));
}

}  // namespace
}  // namespace trawl::web
