#include "storage/warc/labelled_digest.hpp"

#include <gtest/gtest.h>

namespace trawl::storage {
namespace {

bool is_of_abc(std::string_view field) {
  const ExpectedDigest expected{field};
  web::Hasher hasher = expected.hasher();
  hasher.update("abc");
  return expected.known() && expected.matches(hasher);
}

TEST(LabelledDigest, OurOwnIsUnderstood) {
  EXPECT_EQ(labelled_sha256("12ab"), "sha256:12ab");
  EXPECT_TRUE(is_of_abc(labelled_sha256(web::sha256_hex("abc"))));
  EXPECT_FALSE(is_of_abc(labelled_sha256(web::sha256_hex("abd"))));
}

TEST(LabelledDigest, EveryWayOfWritingOneIsUnderstood) {
  EXPECT_TRUE(is_of_abc("sha1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5"));
  EXPECT_TRUE(is_of_abc("SHA-1:a9993e364706816aba3e25717850c26c9cd0d89d"));
  EXPECT_TRUE(
      is_of_abc("sha-256:BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"));
  EXPECT_TRUE(is_of_abc("sha256:XJ4BNP4PAHH6UQKBIDPF3LRCEOYAGYNDSYLXVHFUCD7WD4QACWWQ===="));
  EXPECT_FALSE(is_of_abc("sha1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE6"));
  EXPECT_FALSE(is_of_abc("sha256:"));
}

TEST(LabelledDigest, ThoseOfOtherProgramsAreKnown) {
  for (const auto* field :
       {"md5:900150983cd24fb0d6963f7d28e17f72", "MD5:SAAVBGB42JH3BVUWH56SRYL7OI======",
        "sha-512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"})
    EXPECT_TRUE(is_of_abc(field)) << field;
}

TEST(LabelledDigest, OthersAreNotKnown) {
  for (const auto* field : {"", "blake2b:900150983cd24fb0d6963f7d28e17f72", "md4:00", "sha1"})
    EXPECT_FALSE(ExpectedDigest{field}.known()) << field;
}

}  // namespace
}  // namespace trawl::storage
